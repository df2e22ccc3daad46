import { mkdirSync } from 'node:fs';
import { buildCli } from './build/cli.js';
import { DIST } from './build/dist.js';
import { buildGcexp } from './build/gcexp.js';
import { oneAtATime } from './setup/one-at-a-time.js';

/**
 * Builds `dist`: gcexp for both architectures, and the CLI as one bundle. Does nothing twice.
 * @param {import('./setup/script.js').Work} work
 */
export async function build(work) {
  mkdirSync(DIST, { recursive: true });
  await oneAtATime(work, async () => {
    await buildGcexp(work);
    await buildCli();
  });
}
