import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Places } from '../../src/provider/controller/places.js';
import { architectureOf } from '../../src/provider/controller/places.js';
import type { Progress, Work } from '../../src/provider/provider.js';

export const RECIPES = resolve(import.meta.dirname, '../../provision/images');

/** A folder of this test alone, gone when it ends. Its path is short: sockets lie in it. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gl-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Work that remembers what it was told. */
export function listen(
  signal = new AbortController().signal,
): Work & { readonly told: Progress[]; readonly notes: string[] } {
  const told: Progress[] = [];
  const notes: string[] = [];
  return {
    signal,
    told,
    notes,
    onProgress: (progress) => told.push(progress),
    onNote: (text) => notes.push(text),
  };
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
    accelerator: { flag: undefined, setting: undefined },
    ...changes,
  };
}
