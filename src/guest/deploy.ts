import { promisify } from 'node:util';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import type { Answer } from './answer.js';
import type { Binary } from './binary.js';
import type { GuestFolder } from './folder.js';
import { runScript } from './script.js';

const DOING = 'uploading gcexp';

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
  const options = {
    doing: DOING,
    timeoutMs: 300_000,
    signal,
    runAs: 'settled',
    input: await pack(binary),
  } as const;
  const answer = await runScript(guest, { name: 'upload', args: [folder.dir, binary.sha256] }, options);
  if (answer.result !== 'done') throw refused(answer, folder.dir);
}

function refused(answer: Answer, dir: string): GclabError {
  const { remote, question, result, about } = answer;
  if (result === 'otherwise') return failed(answer, 'what arrived is not what was sent', 'try again');
  if (result !== 'failed') return answer.unknownResult();
  const said = remote.stderr.trim().split('\n').at(-1);
  const what = said || `${dir} could not be written`;
  // Told by the file system, since an error's text is in the guest's language.
  const isFull = about[0] !== undefined && about[0] !== '' && Number(about[0]) < 1_024;
  if (!isFull) return failed(answer, what, `look at ${dir} on the guest`);
  const hint = 'free some space on the guest, or choose another folder with --guest-dir';
  return new GclabError({
    code: 'no-space',
    doing: DOING,
    target: question.target,
    what,
    hint,
    result: remote,
  });
}

function failed({ question, remote }: Answer, what: string, hint: string): GclabError {
  return new GclabError({
    code: 'upload-failed',
    doing: DOING,
    target: question.target,
    what,
    hint,
    result: remote,
  });
}

/** Compressed once per process, however many guests get it: it halves what goes over the line. */
function pack(binary: Binary): Promise<Buffer> {
  const compress = async (): Promise<Buffer> => {
    const { gzip } = await import('node:zlib');
    return await promisify(gzip)(await binary.bytes(), { level: 6 });
  };
  const known = packed.get(binary.sha256) ?? compress();
  packed.set(binary.sha256, known);
  return known;
}
