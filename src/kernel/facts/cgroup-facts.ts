import type { CgroupHierarchy, Facts } from '../../model.js';
import { swapAccount } from '../command-line.js';
import { atLeast } from '../version.js';
import type { ProbeAnswer } from './probe-answer.js';

/** What probe.sh writes to memory.max and its v1 counterparts, and must read back. */
const PROBE_LIMIT = '67108864';

type Mount = ProbeAnswer['cgroup'][number];

/** Memory and swap by effect where a probe cgroup could be made, else by the files that are there. */
export function cgroupFacts(answer: ProbeAnswer): Facts['cgroup'] {
  const memoryMount = mountOfMemory(answer);
  const effect = new Map(answer.probe);
  const readOnly = isReadOnly(answer, memoryMount?.point);
  const proof = effect.has('memory.max') || effect.has('memory.limit_in_bytes') ? 'probe' : 'files';
  return {
    hierarchy: hierarchy(answer),
    memoryMount: memoryMount?.point ?? null,
    readOnly,
    refused: effect.get('made') === 'no' && !readOnly ? (answer['probe-refused'] ?? '') : null,
    memory: proof === 'probe' ? limitsMemory(effect) : memoryByFiles(answer, memoryMount?.version),
    swap: proof === 'probe' ? limitsSwap(effect) : swapByFiles(answer, memoryMount?.version),
    proof,
    delegated: answer.delegated !== null && answer.uid !== 0,
  };
}

/** v1 controllers beside a v2 mount are hybrid, wherever memory is; a v1 mount that only has a name counts for nothing. */
function hierarchy(answer: ProbeAnswer): CgroupHierarchy {
  const v1 = answer.cgroup.map(optionsOf).some((options) => options.length > 0 && !options.some(isName));
  const v2 = answer.cgroup2.length > 0;
  if (v1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : 'none';
}

function isName(option: string): boolean {
  return option.startsWith('name=');
}

function mountOfMemory(answer: ProbeAnswer): { version: string; point: string } | null {
  const mount = answer['memory-mount'];
  if (mount === null || answer['v2-memory'] === 'absent') return null;
  return { version: mount.version, point: unescaped(mount.point) };
}

/** Of several mounts at one place the last lies on top. */
function isReadOnly(answer: ProbeAnswer, point: string | undefined): boolean {
  const mounts = [...answer.cgroup, ...answer.cgroup2].filter((one) => unescaped(one.point) === point);
  const top = mounts.at(-1);
  return top !== undefined && `${top.options},${top.superOptions}`.split(',').includes('ro');
}

function limitsMemory(effect: ReadonlyMap<string, string>): boolean {
  return (effect.get('memory.max') ?? effect.get('memory.limit_in_bytes')) === PROBE_LIMIT;
}

function limitsSwap(effect: ReadonlyMap<string, string>): boolean {
  return effect.get('memory.swap.max') === '0' || effect.get('memory.memsw.limit_in_bytes') === PROBE_LIMIT;
}

function memoryByFiles(answer: ProbeAnswer, version: string | undefined): boolean {
  if (version === 'v1') return answer.file.includes('memory.limit_in_bytes');
  // Refused to a container that cannot even make a cgroup, the files still show what its kernel can.
  if (answer['v2-memory'] === 'refused')
    return new Map(answer.probe).get('made') === 'no' && answer.file.includes('memory.max');
  return answer['v2-memory'] === 'enabled' || answer['v2-memory'] === 'possible';
}

function swapByFiles(answer: ProbeAnswer, version: string | undefined): boolean {
  if (version === 'v1') return answer.file.includes('memory.memsw.limit_in_bytes');
  if (answer.file.includes('memory.max')) return answer.file.includes('memory.swap.max');
  // Nothing below the root has the controller yet, so no file shows it: the kernel's version has to do.
  const hidden = swapAccount(answer['command-line'] ?? '') === 0 && !atLeast(answer.release, [6, 1]);
  return memoryByFiles(answer, version) && atLeast(answer.release, [5, 8]) && !hidden;
}

/** Those of the hierarchy itself: its controllers, or its name. */
function optionsOf({ superOptions }: Mount): readonly string[] {
  return superOptions.split(',').filter((option) => option !== 'rw' && option !== 'ro' && option !== '');
}

/** mountinfo writes space, tab, newline and backslash as octal. */
function unescaped(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
