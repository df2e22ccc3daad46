import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../errors.js';
import type { Facts } from '../model.js';

/** gcexp for one architecture, as built on or shipped to this controller. */
export interface Binary {
  readonly architecture: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

const loaded = new Map<string, Promise<Binary>>();

/** Reads and hashes gcexp for the guest's architecture, once per process; `no-binary` where there is none. */
export function binaryFor(facts: Facts, dist: string, target: string): Promise<Binary> {
  const architecture = facts.architecture.go;
  if (architecture === null) return Promise.reject(noBinary(facts.architecture.machine, target));
  const path = join(dist, `gcexp-linux-${architecture}`);
  const binary = loaded.get(path) ?? load(path, architecture);
  loaded.set(path, binary);
  return binary;
}

async function load(path: string, architecture: string): Promise<Binary> {
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

function noBinary(machine: string, target: string): GclabError {
  return new GclabError({
    code: 'no-binary',
    doing: 'choosing the program',
    target,
    what: `the guest is ${machine}, and gcexp is built for x86_64 and aarch64 only`,
    hint: 'use a guest of one of these architectures',
  });
}
