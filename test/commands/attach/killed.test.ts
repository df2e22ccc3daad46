import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leftoverCgroups } from '../../support/cgroups.js';
import { gclab } from '../../support/cli.js';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { documentOf, only, Place } from './place.js';

const server = await serverForFile();
const work = await folderForFile();

const TRIALS = 3;

/** What stands on stderr by then, and whether the guest owns the run by then: a slow test hears of a moment when the next one is here. */
const MOMENTS = [
  ['once it has read the facts', 'facts: ', false],
  ['while it deploys', 'gate: ', false],
  ['once it has deployed', 'deploy: ', false],
  ['once the run has begun', 'start: ', true],
  ['after the first trial', 'trial 1 of', true],
  ['once the supervisor is done', 'the supervisor is done', true],
  ['once the verdict is written', 'verdict: ', true],
] as const;

it.each(MOMENTS)(
  '%s leaves a folder that can be read, and a guest that can be cleaned',
  async (_, when, isOwned) => {
    const at = new Place(work, server);
    const run = await at.killed(when, '--trials', String(TRIALS));
    const folder = join(at.out, run);
    expectWhole(folder);
    const attached = await at.attach();
    expectWhole(folder);
    const record = only(documentOf(attached));
    const { wanted, begun, finished } = record.counts;
    expect([finished <= begun, begun <= wanted, wanted]).toEqual([true, true, TRIALS]);
    if (isOwned || begun > 0) expect(finished).toBe(TRIALS);
    else expect(record.verdict?.kind ?? 'none').not.toMatch(/survived|oom-killed/);
    expect(trialsIn(folder)).toEqual(Array.from({ length: finished }, (_none, index) => index + 1));
    await gclab([
      'remote',
      'clean',
      '--ssh-config',
      server.sshConfig,
      '--host',
      'guest',
      '--guest-dir',
      at.guest,
    ]);
    expect([existsSync(at.guest), leftoverCgroups(run)]).toEqual([false, []]);
  },
);

/** Each document parses, each line but an unended last one too, and nobody else may read them. */
function expectWhole(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const { mode } = statSync(path);
    expect([name, mode & 0o077]).toEqual([name, 0]);
    if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
    if (!name.endsWith('.ndjson')) continue;
    for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) JSON.parse(line);
  }
}

function trialsIn(folder: string): number[] {
  const path = join(folder, 'trials.ndjson');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { trial: number }).trial);
}
