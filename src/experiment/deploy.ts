import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { guestScript } from '../transport/guest-script.js';
import type { Binary } from './binary.js';
import type { GuestFolder } from './guest-folder.js';

const packed = new Map<string, Promise<Buffer>>();

/**
 * Puts gcexp on the guest under its content's hash, by way of a temporary name, so that half a file is never there.
 * The ledger has the line before the file. `no-space` and `upload-failed` say what the guest said.
 */
export async function upload(
  guest: Guest,
  folder: GuestFolder,
  binary: Binary,
  signal: AbortSignal,
): Promise<void> {
  const script = (await guestScript('upload.sh')).trim();
  const result = await guest.exec(['sh', '-c', script, 'sh', folder.dir, binary.sha256], {
    stdin: await pack(binary),
    asRoot: guest.privilege !== 'none',
    timeoutMs: 300_000,
    signal,
  });
  if (result.exitCode === 0) return;
  const full = await isFull(guest, folder.dir);
  throw new GclabError({
    code: full ? 'no-space' : 'upload-failed',
    doing: 'uploading gcexp',
    target: guest.target.name,
    what: result.stderr.trim() || `the guest's shell ended with ${result.exitCode ?? result.signal}`,
    hint: full
      ? 'free some space there, or choose another folder with --guest-dir'
      : 'look at the folder there',
    result,
  });
}

/** Compressed once per process, however many guests get it: it halves what goes over the line. */
function pack(binary: Binary): Promise<Buffer> {
  const known = packed.get(binary.sha256) ?? promisify(gzip)(binary.bytes, { level: 6 });
  packed.set(binary.sha256, known);
  return known;
}

/** Asked of the file system, since an error's text is in the guest's language. */
async function isFull(guest: Guest, dir: string): Promise<boolean> {
  const result = await guest.exec(['df', '-Pk', '--', dir], { timeoutMs: 10_000 });
  const free = /\s(\d+)\s+\d+%/.exec(result.stdout)?.[1];
  return free !== undefined && Number(free) < 1_024;
}
