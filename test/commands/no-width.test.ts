import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { folderForFile } from '../support/ssh/for-file.js';
import { startInTerminal } from '../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const work = await folderForFile();

it('a terminal that says it has no width gets lines of 80 columns, progress and chart too', async () => {
  // Long enough to be sampled on a busy machine too: without a sample there is no chart.
  const scenario = join(work, 'scenario.yaml');
  writeFileSync(scenario, 'steps: [add 1MiB, wait 400ms]\nexpect: { verdict: survived }\n');
  const run = ['remote', 'run', '--host', 'local', '--scenario', scenario, '--guest-dir', `${work}/guest`];
  const terminal = startInTerminal([process.execPath, RUN, ...run], work, { columns: 0 });
  expect(await terminal.exitCode()).toBe(0);
  const lines = await terminal.everything();
  expect(lines).toContainEqual(expect.stringMatching(/local: clean: the run is gone from the guest/));
  expect(lines).toContainEqual(expect.stringMatching(/^ +0 ─{60,}$/));
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
