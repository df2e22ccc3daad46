import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRun } from '../../src/results/read-run.js';
import type { RunDocument, TargetRecord } from '../../src/results/run-folder.js';
import { leftoverCgroups } from '../support/cgroups.js';
import { type CliResult, gclab } from '../support/cli.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { storedJson, storedOf } from '../support/stored.js';

const server = await serverForFile();
const work = await folderForFile();

/** `gclab remote run` against the sshd, in a working folder and a guest folder of this file's own. */
function run(...args: string[]): Promise<CliResult> {
  const common = ['--ssh-config', server.sshConfig, '--guest-dir', join(work, 'guest')];
  return gclab(['remote', 'run', ...common, ...args], { cwd: work });
}

function documentOf(result: CliResult): RunDocument {
  return JSON.parse(result.stdout) as RunDocument;
}

function only(document: RunDocument): TargetRecord {
  const [record] = document.targets;
  if (record === undefined) throw new Error('no target');
  return record;
}

describe('gclab remote run', () => {
  it('brings home an OOM kill that the counters prove, and leaves nothing behind', async () => {
    const result = await run('--host', 'guest', '--trials', '3', '--json');
    expect(result.exitCode).toBe(0);
    const document = documentOf(result);
    expect(document).toMatchObject({ schema: 1, run: { id: expect.any(String), dir: expect.any(String) } });
    const record = only(document);
    expect(record).toMatchObject({
      id: 'guest',
      outcome: 'completed',
      verdict: { kind: 'oom-killed', killed: 3, trials: 3 },
      readiness: { ready: true },
      error: null,
    });
    expect(record.trials.map(({ trial }) => trial)).toEqual([1, 2, 3]);
    expect(record.trials.every((trial) => (trial.peakBytes ?? 0) <= 33_554_432 + 65_536)).toBe(true);
    expect(Object.keys(record.readiness?.options ?? {})).toEqual(['cgroup_enable=memory', 'swapaccount=1']);
    expect(leftoverCgroups(document.run.id)).toEqual([]);
    expect(existsSync(join(work, 'guest', 'runs', document.run.id))).toBe(false);
  });

  it('keeps what the guest wrote, and run.json is what --json printed', async () => {
    const document = documentOf(await run('--host', 'guest', '--json'));
    const files = await readdir(join(document.run.dir, 'guest'));
    expect(files.sort()).toEqual(['experiment.log', 'journal.ndjson', 'kernel.log', 'record.json']);
    const journal = await readFile(join(document.run.dir, 'guest', 'journal.ndjson'), 'utf8');
    const lines = journal
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines[0]?.type).toBe('journal');
    expect(lines.at(-1)?.type).toBe('end');
    expect(await storedJson(document, 'run.json')).toEqual(storedOf(document));
    expect(await storedJson(document, 'guest', 'record.json')).toMatchObject({
      id: 'guest',
      outcome: 'completed',
    });
    expect((await readRun(document.run.dir, work)).targets).toEqual(document.targets);
  });

  it('survives with a collection in between, and then --expect survived holds', async () => {
    const result = await run('--host', 'guest', '--gc', '--trials', '3', '--expect', 'survived', '--json');
    expect(only(documentOf(result))).toMatchObject({
      verdict: { kind: 'survived', killed: 0 },
      expectationHeld: true,
    });
    expect(result.exitCode).toBe(0);
  });

  it('exits 6 when an expectation does not hold', async () => {
    const result = await run('--host', 'guest', '--expect', 'survived', '--json');
    expect(only(documentOf(result)).expectationHeld).toBe(false);
    expect(result.exitCode).toBe(6);
  });

  it('uploads once: the second run finds the program there', async () => {
    await run('--host', 'guest');
    const second = await run('--host', 'guest');
    expect(second.stderr).toContain('gcexp is there already');
    expect(second.stderr).not.toContain('uploading');
  });

  it('replaces a program on the guest that was tampered with or cut', async () => {
    await run('--host', 'guest');
    const bin = join(work, 'guest', 'bin');
    const [name = ''] = await readdir(bin);
    const { truncate } = await import('node:fs/promises');
    await truncate(join(bin, name), 1_000);
    const result = await run('--host', 'guest', '--json');
    expect(only(documentOf(result)).outcome).toBe('completed');
    expect(result.stderr).toContain('uploading');
  });

  it('runs the same workflow on this machine without SSH, beside other hosts, in their order', async () => {
    const result = await run('--host', 'guest', '--host', 'local', '--json');
    const document = documentOf(result);
    expect(document.targets.map((record) => [record.id, record.outcome])).toEqual([
      ['guest', 'completed'],
      ['local', 'completed'],
    ]);
  });

  it('gives every target an outcome when one cannot be reached, and the highest exit code', async () => {
    const result = await run('--host', 'nobody-here.invalid', '--host', 'guest', '--json');
    expect(documentOf(result).targets.map((record) => record.outcome)).toEqual(['unreachable', 'completed']);
    expect(result.exitCode).toBe(4);
  });

  it('hands environment values to the program byte for byte', async () => {
    const value = `a b'"$(id)\`id\`\nsecond line \\ü`;
    const result = await run('--host', 'guest', '--env', `GCLAB_TEST=${value}`, '--json');
    const { run: header } = documentOf(result);
    const journal = await readFile(join(header.dir, 'guest', 'journal.ndjson'), 'utf8');
    const first = JSON.parse(journal.split('\n')[0] ?? '') as { config: { env: Record<string, string> } };
    expect(first.config.env).toEqual({ GCLAB_TEST: value });
    expect(result.exitCode).toBe(0);
  });

  it('prints the verdict, a chart and the folder for people, and keeps progress off stdout', async () => {
    const result = await run('--host', 'guest');
    expect(result.stdout).toMatch(
      /guest: oom-killed: 1 of 1 trials OOM-killed \(Wilson, 95 %: 21 % to 100 %\)/,
    );
    expect(result.stdout).toContain('limit 32 MiB');
    expect(result.stdout).toMatch(/results: gclab-results\/\S+\n$/);
    expect(result.stdout).not.toContain('\u001b');
    expect(result.stdout).not.toContain('deploy:');
    expect(result.stderr).toMatch(/guest: connect: .*\nguest: facts: /);
  });

  it('keeps two runs on one host apart', async () => {
    const results = await Promise.all([1, 2].map(() => run('--host', 'guest', '--trials', '5', '--json')));
    for (const result of results) {
      expect(only(documentOf(result))).toMatchObject({ outcome: 'completed', verdict: { trials: 5 } });
    }
  });
});

describe('gclab remote run --interactive', () => {
  it('drives the sequence, on two names of one guest too: killed without a collection, alive with one', async () => {
    const result = await run('--host', 'guest', '--host', 'local', '--interactive', '--json');
    expect(result.exitCode).toBe(0);
    for (const { trials, verdict } of documentOf(result).targets) {
      expect(trials.map((trial) => trial.verdict)).toEqual(['oom-killed', 'survived']);
      expect(verdict?.byCollection).toMatchObject({
        without: { killed: 1, trials: 1 },
        with: { killed: 0, trials: 1 },
      });
    }
  });
});
