import type { Facts } from '../../model.js';
import { parameters } from '../command-line.js';
import type { ProbeAnswer } from './probe-answer.js';

type BootLoader = Facts['bootLoader'];

/** Each is asked in turn; the first that recognises itself is what booted this kernel. */
const SIGNS: readonly (readonly [BootLoader, (answer: ProbeAnswer) => boolean])[] = [
  [
    'ubuntu-core',
    (answer) => /^ID="?ubuntu-core"?$/m.test(answer['os-release'].join('\n')) || booted(answer, 'snap_core'),
  ],
  ['zipl', (answer) => answer.machine.startsWith('s390') || has(answer, '/etc/zipl.conf')],
  [
    'systemd-boot',
    (answer) => answer['efi-StubInfo'] !== null || /systemd-boot/.test(answer['efi-LoaderInfo'] ?? ''),
  ],
  [
    'raspberry-pi',
    (answer) => /^Raspberry Pi/.test(answer['device-model'] ?? '') && hasLike(answer, /\/cmdline\.txt$/),
  ],
  [
    'grubby',
    (answer) =>
      fromGrub(answer) && (answer['boot-tool'].includes('grubby') || has(answer, '/boot/loader/entries')),
  ],
  ['grub', fromGrub],
  ['systemd-boot', (answer) => hasLike(answer, /\/loader\/loader\.conf$/)],
  [
    'u-boot',
    (answer) =>
      hasLike(answer, /boot\.scr|uEnv|armbianEnv|extlinux\/|default\/u-boot/) &&
      !booted(answer, 'BOOT_IMAGE'),
  ],
  ['unknown', (answer) => hasLike(answer, /^\/boot\/(grub|vmlinu|Image|kernel|extlinux)/)],
];

/** `none`: nothing on the guest's disk loads its kernel (a direct boot from outside, or a container). */
export function bootLoader(answer: ProbeAnswer): BootLoader {
  return SIGNS.find(([, recognises]) => recognises(answer))?.[0] ?? 'none';
}

/** GRUB puts BOOT_IMAGE on the line; without it another loader took its place, whatever lies in /boot. */
function fromGrub(answer: ProbeAnswer): boolean {
  return hasLike(answer, /^\/boot\/grub2?\/grub\.cfg$/) && booted(answer, 'BOOT_IMAGE');
}

function booted(answer: ProbeAnswer, name: string): boolean {
  return parameters(answer['command-line'] ?? '').some((one) => one.name === name);
}

function has(answer: ProbeAnswer, path: string): boolean {
  return answer['boot-file'].includes(path);
}

function hasLike(answer: ProbeAnswer, pattern: RegExp): boolean {
  return answer['boot-file'].some((path) => pattern.test(path));
}
