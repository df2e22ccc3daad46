import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { architectureOf } from '../../src/provider/images/architecture.js';
import type { Places } from '../../src/provider/places.js';
import type { Progress, Work } from '../../src/provider/work.js';

export const RECIPES = resolve(import.meta.dirname, '../../provision/images');

/** A folder of this test alone, gone when it ends. Its path is short: sockets lie in it. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gl-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Work that remembers what it was told. */
export function listen(signal = new AbortController().signal): Work & { readonly told: Progress[] } {
  const told: Progress[] = [];
  return { signal, told, onProgress: (progress) => told.push(progress) };
}

export function placesIn(homeFolder: string, changes: Partial<Places> = {}): Places {
  return {
    homeFolder,
    recipesFolder: RECIPES,
    env: process.env,
    controller: {
      architecture: architectureOf(process.arch),
      platform: process.platform,
      ordinaryUser: null,
    },
    mirror: undefined,
    ...changes,
  };
}
