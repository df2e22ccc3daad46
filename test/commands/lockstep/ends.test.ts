import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leftoverCgroups } from '../../support/cgroups.js';
import { gclab } from '../../support/cli.js';
import {
  additions,
  inStep,
  journalOf,
  type Pair,
  type PairOptions,
  type UnderWay,
} from '../../support/in-step.js';
import { processesNaming, treeOf } from '../../support/processes.js';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { asHost } from '../../support/ssh/line.js';
import { storedJson, storedOf } from '../../support/stored.js';

const [near, far] = await Promise.all([serverForFile(), serverForFile()]);
const work = await folderForFile();

/** Two hosts, each with an sshd of its own. */
async function both(
  act: (run: UnderWay) => Promise<void>,
  options: Partial<PairOptions> = {},
): Promise<Pair> {
  const configs = [await asHost(near, 'near'), await asHost(far, 'far')];
  return await inStep({ work, configs, scenario: SCENARIO, act, ...options });
}

const SCENARIO = `
steps:
  - add 1MiB
  - repeat 20 { add 64KiB; wait 100ms }
  - add 60%
expect: { verdict: survived }
`;
const MIDDLE = 'far: follow: trial 1, step 2: wait';
const WHOLE = { outcome: 'completed', verdict: { kind: 'survived' }, expectationHeld: true, error: null };

/** The one folder of a run below `out`. */
async function runFolder({ out }: UnderWay): Promise<string> {
  const [id] = (await readdir(out, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  if (id === undefined) throw new Error('no run yet');
  return join(out, id.name);
}

function expectNothingLeft({ document }: Pair): void {
  expect(leftoverCgroups(document.run.id)).toEqual([]);
  expect(processesNaming(document.run.id)).toEqual([]);
  for (const one of ['1', '2']) {
    expect(existsSync(join(work, 'guest', 'runs', `${document.run.id}-${one}`))).toBe(false);
  }
}

async function expectSameInRunJson({ document }: Pair): Promise<void> {
  expect(await storedJson(document, 'run.json')).toEqual(storedOf(document));
}

describe('of hosts in step', () => {
  it('one whose memory somebody else fills is OOM-killed at its step, and the other survives', async () => {
    const pair = await both(async (run) => {
      await run.shows(MIDDLE);
      const lines = await journalOf(join(await runFolder(run), 'far'));
      const address = lines.find(({ type }) => type === 'listening')?.address;
      expect((await fetch(`http://${address}/add?bytes=${16 * 2 ** 20}`)).status).toBe(200);
    });
    expect(pair.near).toMatchObject(WHOLE);
    expect(pair.far).toMatchObject({
      outcome: 'completed',
      verdict: { kind: 'oom-killed' },
      trials: [{ verdict: 'oom-killed', atStep: 3 }],
      expectationHeld: false,
      brokenExpectations: ['trial 1: expected survived, it is oom-killed'],
    });
    expect(await additions(pair, pair.near)).toBe(22);
    expect(pair.exitCode).toBe(6);
    await expectSameInRunJson(pair);
    expectNothingLeft(pair);
  });

  it('each that is stopped by Ctrl-C is left clean, with its journal here', async () => {
    const pair = await both(async ({ shows, child }) => {
      await shows(MIDDLE);
      child.kill('SIGINT');
    });
    for (const record of [pair.near, pair.far]) {
      expect(record).toMatchObject({ outcome: 'interrupted', guest: { left: false } });
      expect(await additions(pair, record)).toBeGreaterThan(0);
    }
    expect(pair.exitCode).toBe(130);
    await expectSameInRunJson(pair);
    expectNothingLeft(pair);
  });

  it('each that takes longer than it may is told so, without a verdict', async () => {
    const pair = await both(async () => {}, {
      scenario: 'steps: [add 1MiB, wait 5m]\n',
      args: ['--timeout', '2s'],
    });
    for (const record of [pair.near, pair.far]) {
      expect(record).toMatchObject({
        error: { code: 'run-timeout', hint: expect.stringContaining('--timeout') },
        trials: [{ verdict: 'inconclusive' }],
      });
    }
    expect(pair.exitCode).toBe(5);
    expectNothingLeft(pair);
  });

  it('one whose condition is not met in time fails alone, and says which', async () => {
    const pair = await both(
      async (run) => {
        await run.shows('far: follow: trial 1, step 2: wait');
        const lines = await journalOf(join(await runFolder(run), 'far'));
        const address = lines.find(({ type }) => type === 'listening')?.address;
        await fetch(`http://${address}/gc`);
      },
      { scenario: 'steps: [add 1MiB, wait 1s, until numGC == 0 within 100ms, add 1MiB]\n' },
    );
    expect(pair.near).toMatchObject({ outcome: 'completed', verdict: { kind: 'survived' } });
    expect(pair.far).toMatchObject({
      outcome: 'failed',
      error: { code: 'step-failed' },
      guest: { left: false },
    });
    expect(pair.far.error?.message).toContain('numGC == 0');
    expect(pair.exitCode).toBe(5);
    expectNothingLeft(pair);
  });

  /** Last: its sshd is gone then. */
  it('one that dies with everything on it holds up nobody, and what it wrote is here', async () => {
    const pair = await both(
      async (run) => {
        for (let step = 0; step < 5; step += 1) await run.shows(MIDDLE);
        const id = (await readdir(join(work, 'guest', 'runs'))).find((name) => name.endsWith('-2'));
        for (const pid of [...treeOf(far.pid), ...processesNaming(`/${id}`)]) killIfThere(pid);
      },
      { args: ['--reconnect', '2s'] },
    );
    expect(pair.near).toMatchObject(WHOLE);
    expect(await additions(pair, pair.near)).toBe(22);
    expect(pair.far).toMatchObject({
      outcome: 'failed',
      error: { code: 'connection-lost' },
      verdict: { kind: 'inconclusive', begun: 1, finished: 0 },
      expectationHeld: null,
      guest: { left: true },
    });
    const written = await additions(pair, pair.far);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(22);
    expect(pair.exitCode).toBe(5);
    await expectSameInRunJson(pair);

    // It is this machine too: what it left is cleaned through the other.
    const where = ['--ssh-config', await asHost(near, 'near'), '--host', 'near'];
    const cleaned = await gclab(['remote', 'clean', ...where, '--guest-dir', join(work, 'guest')], {
      cwd: work,
    });
    expect(cleaned.exitCode).toBe(0);
    expectNothingLeft(pair);
  });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
