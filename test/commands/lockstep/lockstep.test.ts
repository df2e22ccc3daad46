import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TargetRecord } from '../../../src/results/run-folder.js';
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
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { asHost, behind } from '../../support/ssh/line.js';
import { freePort, startSshd } from '../../support/ssh/sshd.js';
import type { TcpProxy } from '../../support/ssh/tcp-proxy.js';
import { storedJson, storedOf } from '../../support/stored.js';

/** Long enough to be cut in the middle, and each of its additions can be counted. */
const SCENARIO = `
steps:
  - add 1MiB
  - repeat 40 { add 64KiB; wait 20ms }
expect: { verdict: survived }
`;
const ADDITIONS = 41;
const SHORT = 'steps: [add 1MiB, wait 400ms]\nexpect: { verdict: survived }\n';
const MIDDLE = 'far: follow: trial 1, step 2: wait';
const WHOLE = { outcome: 'completed', verdict: { kind: 'survived' }, expectationHeld: true };

const server = await serverForFile();
const work = await folderForFile();

/** Two names of one guest: `near`, and `far` behind a line that may be acted upon. */
async function together(
  act: (run: UnderWay, line: TcpProxy) => Promise<void> = async () => {},
  options: Partial<PairOptions> = {},
): Promise<Pair & { readonly line: TcpProxy }> {
  const { line, sshConfig } = await behind(server, 0, 'far');
  const configs = [await asHost(server, 'near'), sshConfig];
  const pair = await inStep({
    ...{ work, configs, scenario: SCENARIO },
    ...options,
    act: (run) => act(run, line),
  });
  await line.stop();
  return { ...pair, line };
}

async function expectBothWhole(pair: Pair, count = ADDITIONS): Promise<void> {
  for (const record of [pair.near, pair.far]) {
    expect(record).toMatchObject(WHOLE);
    expect(await additions(pair, record)).toBe(count);
  }
  expect(pair.exitCode).toBe(0);
}

describe('two names of one guest in step', () => {
  it('have a program, a port and a journal each, as often as they are driven', async () => {
    const first = await together();
    await expectBothWhole(first);
    expect(await storedJson(first.document, 'run.json')).toEqual(storedOf(first.document));
    const again = await together();
    await expectBothWhole(again);
    expect(again.document.run.id).not.toBe(first.document.run.id);
  });

  it('share no port that was named: who comes second is told so, and holds nobody up', async () => {
    const pair = await together(undefined, { args: ['--port', String(await freePort())] });
    const told = (record: TargetRecord): string => record.error?.code ?? record.outcome ?? '';
    const [whole, refused] = [pair.near, pair.far].sort((a, b) => told(a).localeCompare(told(b)));
    expect(whole).toMatchObject(WHOLE);
    expect(refused).toMatchObject({ error: { code: 'port-in-use' }, trials: [], guest: { left: false } });
    expect(pair.exitCode).toBe(5);
  });
});

it('hosts in step may have users and servers of different kinds', async () => {
  const strict = await startSshd({
    accounts: [{ name: 'lab', password: 'x', sudo: 'without-password' }],
    config: ['AllowTcpForwarding no', 'MaxSessions 2'],
  });
  const { line, sshConfig } = await behind(strict, 0, 'far');
  const configs = [await asHost(server, 'near'), sshConfig];
  const cut = async (run: UnderWay): Promise<void> => {
    await run.shows(MIDDLE);
    line.cut();
  };
  const pair = await inStep({ work, configs, scenario: SCENARIO, act: cut });
  await line.stop();
  await strict.stop();
  expect(pair.stderr).toContain('far: the server does not forward TCP');
  await expectBothWhole(pair);
});

describe('a line that drops while hosts go in step', () => {
  it.each([
    ['in the middle', async (line: TcpProxy) => line.cut()],
    [
      'with what was sent lost',
      async (line: TcpProxy) => {
        line.silence();
        await sleep(200);
        line.cut();
      },
    ],
  ])('%s has every step done once', async (_, act) => {
    const pair = await together(async (run, line) => {
      await run.shows(MIDDLE);
      await act(line);
    });
    expect(pair.line.connections).toBeGreaterThan(1);
    await expectBothWhole(pair);
  });

  it('with a slow request under way, behind which a quick one is done, has it done once', async () => {
    const pair = await together(
      async (run, line) => {
        await run.shows('far: follow: trial 1, step 1: cache');
        await sleep(50);
        line.cut();
      },
      { scenario: 'steps: [cache 1GiB, add 1MiB]\nexpect: { verdict: survived }\n' },
    );
    expect(pair.line.connections).toBeGreaterThan(1);
    await expectBothWhole(pair, 1);
    const journal = await journalOf(join(pair.document.run.dir, pair.far.id));
    // On a busy machine the question what became of it may overtake it: it is refused then, and asked for once more.
    const done = journal.filter(({ route, status }) => route === '/cache' && status === 200);
    expect(done).toHaveLength(1);
  });

  it.each([
    ['while the program is started', 'far: deploy: /'],
    ['before the first step', 'far: start:'],
    ['between two trials', 'far: follow: trial 1 of 3'],
  ])('%s costs nothing', async (_, when) => {
    const cut = async (run: UnderWay, line: TcpProxy): Promise<void> => {
      await run.shows(when);
      line.cut();
    };
    const pair = await together(cut, { scenario: SHORT, args: ['--trials', '3'] });
    expect(pair.line.connections).toBeGreaterThan(1);
    await expectBothWhole(pair, 3);
  });

  it('with the wish to end on its way has the program end all the same', async () => {
    const pair = await together(
      async (run, line) => {
        await run.shows('far: follow: trial 1, step 2: wait');
        line.hold();
        await sleep(800);
        line.strand();
      },
      { scenario: SHORT },
    );
    expect(pair.line.connections).toBeGreaterThan(1);
    await expectBothWhole(pair, 1);
  });

  it('and brings what was sent much later does no step twice: the program refuses what was overtaken', async () => {
    const pair = await together(async (run, line) => {
      await run.shows(MIDDLE);
      line.hold();
      await run.shows('far: follow: trial 1, step 2: add');
      await sleep(300);
      line.strand();
      await run.shows('connected again');
      await run.shows(MIDDLE);
      line.release();
    });
    await expectBothWhole(pair);
    expect(await additions(pair, pair.far, 409)).toBe(1);
  });

  it('for long holds the others up for ten seconds, and then goes on behind them', async () => {
    const pair = await together(async (run, line) => {
      await run.shows(MIDDLE);
      line.tear();
      await run.shows('the others go on without waiting for far');
      await run.shows('near: clean');
      line.mend();
    });
    await expectBothWhole(pair);
  });

  it('for good leaves there what attach stops, collects and removes', async () => {
    const args = ['--reconnect', '2s'];
    const cut = async (run: UnderWay, line: TcpProxy): Promise<void> => {
      await run.shows(MIDDLE);
      line.tear();
    };
    const pair = await together(cut, { args });
    expect(pair.near).toMatchObject(WHOLE);
    expect(await additions(pair, pair.near)).toBe(ADDITIONS);
    expect(pair.far).toMatchObject({ outcome: 'failed', error: { code: 'connection-lost' } });
    expect(pair.far).toMatchObject({ expectationHeld: null, guest: { left: true } });
    expect(pair.exitCode).toBe(5);

    const where = ['--ssh-config', await asHost(server, 'far')];
    const attached = await gclab(['remote', 'attach', pair.document.run.dir, ...where, '--json'], {
      cwd: work,
    });
    const [near, far] = (JSON.parse(attached.stdout) as Pair['document']).targets;
    expect(near).toMatchObject(WHOLE);
    expect(far).toMatchObject({ outcome: 'failed', error: { code: 'run-failed' }, guest: { left: false } });
    expect(far?.trials).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(attached.exitCode).toBe(5);
    expect(leftoverCgroups(pair.document.run.id)).toEqual([]);
  });
});
