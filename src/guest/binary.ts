import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../errors.js';

/** Go's names of the architectures that gcexp is built for. */
export type Architecture = 'amd64' | 'arm64';

/** gcexp for one architecture, as built on or shipped to this controller. */
export interface Binary {
  readonly architecture: Architecture;
  readonly path: string;
  /** As the build wrote it down; of the file itself where it did not. */
  readonly sha256: string;
  /** Read when it is wanted: most guests have it. Rejects with `no-binary` where it is not what `sha256` says. */
  readonly bytes: () => Promise<Uint8Array>;
}

const loaded = new Map<string, Promise<Binary>>();

/** What gcexp is, found out once per process; `no-binary` where it cannot be read. */
export function binaryFor(architecture: Architecture, dist: string): Promise<Binary> {
  const path = join(dist, `gcexp-linux-${architecture}`);
  const binary = loaded.get(path) ?? load(path, architecture);
  loaded.set(path, binary);
  return binary;
}

async function load(path: string, architecture: Architecture): Promise<Binary> {
  const written = await readFile(`${path}.sha256`, 'utf8').catch(() => '');
  const sha256 = /^[0-9a-f]{64}$/.test(written) ? written : sumOf(await read(path));
  let content: Promise<Uint8Array> | undefined;
  const bytes = (): Promise<Uint8Array> => {
    content ??= readWhole(path, sha256);
    return content;
  };
  return { architecture, path, sha256, bytes };
}

async function readWhole(path: string, sha256: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (sumOf(bytes) !== sha256) throw noBinary(`${path} is not what was built`);
  return bytes;
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function read(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw noBinary(`${path} cannot be read`, cause);
  });
}

function noBinary(what: string, cause?: unknown): GclabError {
  return new GclabError({
    code: 'no-binary',
    doing: 'choosing the program',
    what,
    hint: 'build it with: npm run build',
    cause,
  });
}
