/** `node scripts/setup.js build|demo|test|bench`: installs what that lacks, and builds `dist`. */

import { PURPOSES } from './setup/needs.js';
import { runScript, Stop } from './setup/script.js';
import { COMMANDS, setUp } from './setup/set-up.js';

const purpose = PURPOSES.find((known) => known === process.argv[2]);

await runScript('setup', purpose === undefined ? '' : COMMANDS[purpose], async (work) => {
  if (purpose === undefined) throw new Stop(`what for? One of ${PURPOSES.join(', ')}`, 2);
  await setUp(purpose, work);
  const { build } = await import('./build.js');
  await build(work);
});
