import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GclabError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { parseScenario } from './read.js';
import type { Scenario } from './scenario.js';

/** A file, or the name of one that is shipped in `shipped`; `bad-scenario` where there is none, or it is none. */
export async function findScenario(named: string, shipped: string): Promise<Scenario> {
  const names = await shippedNames(shipped);
  const path = names.includes(named) ? join(shipped, `${named}.yaml`) : named;
  return parseScenario(await read(path, named, names), basename(path).replace(/\.ya?ml$/, ''));
}

/** What comes with gclab, by name. */
export async function shippedNames(shipped: string): Promise<string[]> {
  const files = await readdir(shipped);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

async function read(path: string, named: string, names: readonly string[]): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const meant = nearest(named, names);
    throw new GclabError({
      code: 'bad-scenario',
      doing: `reading the scenario ${named}`,
      what: cause instanceof Error ? cause.message : String(cause),
      hint: meant === undefined ? `name a file, or one of ${names.join(', ')}` : `did you mean ${meant}?`,
      cause,
    });
  }
}
