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
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

const loaded = new Map<string, Promise<Binary>>();

/** Reads and hashes gcexp, once per process; `no-binary` where it cannot be read. */
export function binaryFor(architecture: Architecture, dist: string): Promise<Binary> {
  const path = join(dist, `gcexp-linux-${architecture}`);
  const binary = loaded.get(path) ?? load(path, architecture);
  loaded.set(path, binary);
  return binary;
}

async function load(path: string, architecture: Architecture): Promise<Binary> {
  try {
    const bytes = await readFile(path);
    return { architecture, path, sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
  } catch (cause) {
    throw new GclabError({
      code: 'no-binary',
      doing: 'choosing the program',
      what: `${path} cannot be read`,
      hint: 'build it with: npm run build',
      cause,
    });
  }
}
