import { readFile, stat } from 'node:fs/promises';
import { cpus, hostname, release } from 'node:os';
import { run } from '../../controller/command.js';
import type { Work } from '../../provider.js';
import type { Firmware } from '../firmware.js';
import type { Circumstances } from './remembered.js';

const VERSION_MS = 20_000;

/** What the result of a trial hangs on. Images of machines are copied with the id in them, so the processor is told as well. */
export async function circumstances(program: string, firmware: Firmware, work: Work): Promise<Circumstances> {
  const [machine, qemu, firmwareFile] = await Promise.all([
    machineId(work),
    qemuVersion(program, work),
    fileState(firmware.code),
  ]);
  const processor = cpus()[0]?.model ?? '';
  return { machine, processor, kernel: release(), program, qemu, firmware: firmwareFile };
}

/** machine-id(5); on macOS the hardware's own. */
async function machineId(work: Work): Promise<string> {
  if (process.platform === 'darwin') {
    const argv = ['ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'] as const;
    const told = await run(argv, { signal: work.signal, timeoutMs: VERSION_MS }).catch(() => undefined);
    const [, id] = /"IOPlatformUUID" = "([^"]+)"/.exec(told?.stdout ?? '') ?? [];
    return id ?? hostname();
  }
  return (await readFile('/etc/machine-id', 'utf8').catch(hostname)).trim();
}

/** Its first line, with the distribution's own version; empty where it says none. */
async function qemuVersion(program: string, work: Work): Promise<string> {
  const told = await run([program, '--version'], { signal: work.signal, timeoutMs: VERSION_MS });
  return told.stdout.split('\n')[0]?.trim() ?? '';
}

/** An update changes one of these. */
async function fileState(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path}, ${size} bytes, ${Math.round(mtimeMs)}`;
}
