import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunDocument, TargetRecord } from '../../src/results/run-folder.js';
import { leftoverCgroups } from '../support/cgroups.js';
import { type CliResult, gclab } from '../support/cli.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { behind } from '../support/ssh/line.js';

const server = await serverForFile();
const work = await folderForFile();
const { line, sshConfig } = await behind(server, 0);
afterAll(() => line.stop());

/** Runs, and calls `act` once, as soon as stderr has `when`. */
function runUntil(when: string, act: (child: ChildProcess) => void, ...args: string[]): Promise<CliResult> {
  return runThrough(sshConfig, when, act, ...args);
}

function runThrough(
  config: string,
  when: string,
  act: (child: ChildProcess) => void,
  ...args: string[]
): Promise<CliResult> {
  let acted = false;
  const common = ['--ssh-config', config, '--host', 'guest', '--guest-dir', join(work, 'guest'), '--json'];
  return gclab(['remote', 'run', ...common, ...args], {
    cwd: work,
    onStderr: (soFar, child) => {
      if (acted || !soFar.includes(when)) return;
      acted = true;
      act(child);
    },
  });
}

function recordOf(result: CliResult): TargetRecord & { run: RunDocument['run'] } {
  const document = JSON.parse(result.stdout) as RunDocument;
  const [record] = document.targets;
  if (record === undefined) throw new Error('no target');
  return { ...record, run: document.run };
}

interface JournalLine {
  readonly type: string;
  readonly trial?: number;
  readonly step?: string;
}

function journalOf({ run, id }: ReturnType<typeof recordOf>): JournalLine[] {
  const text = readFileSync(join(run.dir, id, 'journal.ndjson'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalLine);
}

const interrupt = (child: ChildProcess): void => void child.kill('SIGINT');

describe('Ctrl-C', () => {
  it('while connecting ends at once, with the outcome said', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    let child: ChildProcess | undefined;
    silent.once('connection', (socket) => {
      socket.on('error', () => {});
      child?.kill('SIGINT');
    });
    const config = join(work, 'silent');
    writeFileSync(config, `Host guest\n  Port ${port}\nInclude ${server.sshConfig}\n`);
    const result = await gclab(['remote', 'run', '--ssh-config', config, '--host', 'guest', '--json'], {
      cwd: work,
      onSpawn: (spawned) => {
        child = spawned;
      },
    });
    silent.close();
    expect(result.exitCode).toBe(130);
    expect(recordOf(result).outcome).toBe('interrupted');
  });

  it.each([
    ['reading the facts', 'guest: connect:'],
    ['the gate', 'guest: facts:'],
    ['looking where to deploy', 'guest: gate:'],
    ['uploading', 'uploading'],
    ['starting', 'guest: deploy:'],
    ['following', 'guest: start:'],
    ['following, after a trial', 'trial 2 of'],
  ])('during %s leaves no cgroup and no run behind', async (_, when) => {
    if (when === 'uploading') rmSync(join(work, 'guest'), { recursive: true, force: true });
    const result = await runUntil(when, interrupt, '--trials', '2000');
    const record = recordOf(result);
    expect(result.exitCode).toBe(130);
    expect(record.outcome).toBe('interrupted');
    expect(record.guest?.left ?? false).toBe(false);
    expect(leftoverCgroups(record.run.id)).toEqual([]);
    expect(existsSync(join(work, 'guest', 'runs', record.run.id))).toBe(false);
  });

  it('during collecting keeps the verdict that was reached', async () => {
    const record = recordOf(
      await runUntil('guest: follow: the supervisor is done', interrupt, '--trials', '2'),
    );
    expect(record.trials).toHaveLength(2);
    expect(leftoverCgroups(record.run.id)).toEqual([]);
  });

  it('keeps the trials that ended before it', async () => {
    const record = recordOf(await runUntil('trial 3 of', interrupt, '--trials', '2000'));
    expect(record.trials.length).toBeGreaterThanOrEqual(3);
    expect(record.verdict?.kind).toBe('oom-killed');
  });
});

describe('a connection that drops', () => {
  it('in the middle of a run costs nothing: every line of the journal is here, once', async () => {
    const result = await runUntil('trial 2 of', () => line.cut(), '--trials', '30');
    const record = recordOf(result);
    expect(result.stderr).toContain('connected again');
    expect(record).toMatchObject({ outcome: 'completed', verdict: { killed: 30, trials: 30 } });
    const ends = journalOf(record).filter(({ type }) => type === 'trial-end');
    expect(ends.map((end) => end.trial)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(result.exitCode).toBe(0);
  });

  it.each([
    ['reading the guest', 'guest: connect:'],
    ['uploading', 'guest: deploy: uploading'],
    ['starting', 'guest: deploy: /'],
    // Said right before the guest is told to remove it.
    ['removing the run', 'guest: collect:'],
  ])('while %s costs nothing', async (_, when) => {
    rmSync(join(work, 'guest'), { recursive: true, force: true });
    const { line: slow, sshConfig: config } = await behind(server, 50);
    const result = await runThrough(config, when, () => slow.cut(), '--trials', '2');
    await slow.stop();
    const record = recordOf(result);
    expect(result.stderr).toContain('connected again');
    expect(record).toMatchObject({ outcome: 'completed', error: null, guest: { left: false } });
    expect(record.verdict).toMatchObject({ killed: 2, trials: 2 });
    expect(leftoverCgroups(record.run.id)).toEqual([]);
    expect(existsSync(join(work, 'guest', 'runs', record.run.id))).toBe(false);
    expect(result.exitCode).toBe(0);
  });

  it('while an interactive run is driven has every step done once', async () => {
    const { line: slow, sshConfig: config } = await behind(server, 50);
    const cut = (): void => slow.cut();
    const result = await runThrough(config, 'trial 1, step 2: add 90%', cut, '--interactive');
    await slow.stop();
    const record = recordOf(result);
    expect(result.stderr).toContain('connected again');
    expect(record.trials.map(({ verdict }) => verdict)).toEqual(['oom-killed', 'survived']);
    const begun = journalOf(record).filter(({ type, step }) => type === 'begin' && step !== 'stats');
    expect(begun.map(({ trial, step }) => `${trial} ${step}`)).toEqual([
      '1 add',
      '1 rel',
      '1 add',
      '2 add',
      '2 rel',
      '2 gc',
      '2 add',
      '2 quit',
    ]);
    expect(result.exitCode).toBe(0);
  });

  it('for longer than gclab waits is told, and attach goes on from what is here', async () => {
    const { line: own, sshConfig: config } = await behind(server, 0);
    let gone: Promise<void> | undefined;
    const args = [
      '--host',
      'guest',
      '--guest-dir',
      join(work, 'guest'),
      '--trials',
      '20',
      '--reconnect',
      '1s',
      '--json',
    ];
    const cut = await gclab(['remote', 'run', '--ssh-config', config, ...args], {
      cwd: work,
      onStderr: (soFar) => {
        if (soFar.includes('trial 2 of')) gone ??= own.stop();
      },
    });
    await gone;
    const left = recordOf(cut);
    expect(left).toMatchObject({
      outcome: 'failed',
      error: { code: 'connection-lost' },
      guest: { left: true },
    });
    expect(left.error?.hint).toContain('gclab remote attach');
    expect(cut.exitCode).toBe(5);

    const attached = await gclab(
      ['remote', 'attach', left.run.dir, '--ssh-config', server.sshConfig, '--json'],
      { cwd: work },
    );
    expect(recordOf(attached)).toMatchObject({
      outcome: 'completed',
      error: null,
      verdict: { killed: 20, trials: 20 },
      guest: { left: false },
    });
    expect(attached.exitCode).toBe(0);
    expect(leftoverCgroups(left.run.id)).toEqual([]);
  });
});

describe('a controller that is killed', () => {
  it('loses nothing: the run goes on there, and attach brings it home, whatever was run since', async () => {
    const killed = await runUntil('trial 2 of', (child) => void child.kill('SIGKILL'), '--trials', '20');
    expect(killed.signal).toBe('SIGKILL');
    await gclab(['remote', 'run', '--host', 'local', '--guest-dir', join(work, 'guest')], { cwd: work });
    const attached = await gclab(['remote', 'attach', '--ssh-config', sshConfig, '--json'], { cwd: work });
    const record = recordOf(attached);
    expect(record).toMatchObject({ outcome: 'completed', verdict: { killed: 20, trials: 20 } });
    expect(leftoverCgroups(record.run.id)).toEqual([]);
  });
});

it('a run that is followed is not followed by a second gclab as well', async () => {
  let second: Promise<CliResult> | undefined;
  const attach = async (child: ChildProcess): Promise<CliResult> => {
    const refused = await gclab(['remote', 'attach', '--ssh-config', sshConfig, '--json'], { cwd: work });
    interrupt(child);
    return refused;
  };
  const act = (child: ChildProcess): void => {
    second = attach(child);
  };
  const first = await runUntil('trial 2 of', act, '--trials', '2000');
  const refused = await second;
  expect(refused?.exitCode).toBe(2);
  expect(JSON.parse(refused?.stdout ?? '')).toMatchObject({ error: { code: 'run-followed' } });
  expect(recordOf(first)).toMatchObject({ outcome: 'interrupted', guest: { left: false } });
});

describe('a controller that is killed while it drives', () => {
  it('leaves what attach stops, collects and removes', async () => {
    const kill = (child: ChildProcess): void => void child.kill('SIGKILL');
    const { line: slow, sshConfig: config } = await behind(server, 50);
    const killed = await runThrough(config, 'trial 1, step 2: add', kill, '--interactive');
    await slow.stop();
    expect(killed.signal).toBe('SIGKILL');
    const attached = await gclab(['remote', 'attach', '--ssh-config', sshConfig, '--json'], { cwd: work });
    const record = recordOf(attached);
    expect(record).toMatchObject({ error: { code: 'run-failed' }, guest: { left: false } });
    expect(record.trials).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(attached.exitCode).toBe(5);
    expect(leftoverCgroups(record.run.id)).toEqual([]);
  });
});

describe('gclab remote clean', () => {
  it('ends with the first Ctrl-C, however long the guest would take', async () => {
    const { line: own, sshConfig: config } = await behind(server, 300);
    const where = ['--ssh-config', config, '--host', 'guest', '--guest-dir', join(work, 'guest')];
    let interrupted = false;
    const result = await gclab(['remote', 'clean', ...where, '--json'], {
      cwd: work,
      onStderr: (soFar, child) => {
        if (interrupted || !soFar.includes('guest: facts:')) return;
        interrupted = true;
        own.silence();
        interrupt(child);
      },
    });
    await own.stop();
    expect(result.exitCode).toBe(130);
    expect(JSON.parse(result.stdout)).toMatchObject({ targets: [{ outcome: 'interrupted', removed: [] }] });
  });

  it('removes what the ledger names, twice over if need be', async () => {
    const args = [
      'remote',
      'clean',
      '--ssh-config',
      sshConfig,
      '--host',
      'guest',
      '--guest-dir',
      join(work, 'guest'),
    ];
    const first = await gclab([...args, '--json'], { cwd: work });
    const { targets } = JSON.parse(first.stdout) as { targets: { removed: string[]; kept: string[] }[] };
    expect(targets[0]?.removed).toContain(join(work, 'guest'));
    expect(existsSync(join(work, 'guest'))).toBe(false);
    const second = await gclab(args, { cwd: work });
    expect(second.stdout).toContain('nothing of gclab is there');
    expect(second.exitCode).toBe(0);
  });
});
