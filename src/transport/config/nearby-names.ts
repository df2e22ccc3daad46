import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { nearby } from '../../nearest.js';

/** Names of ssh_config that a mistyped one may have meant, nearest first. */
export async function nearbyNames(name: string, configFile: string | null): Promise<string[]> {
  const file = configFile ?? join(userInfo().homedir, '.ssh', 'config');
  const text = await readFile(file, 'utf8').catch(() => '');
  const names = [...text.matchAll(/^\s*Host[\s=]+(.*)$/gim)].flatMap(([, list]) => (list ?? '').split(/\s+/));
  const known = [...new Set(names)].filter((one) => /^[\w.-]{1,64}$/.test(one));
  return nearby(name, known).slice(0, 3);
}
