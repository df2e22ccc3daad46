import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../src/experiment/scenario/schema.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import { type CliResult, gclab } from '../support/cli.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { asHost } from '../support/ssh/line.js';
import type { Sshd } from '../support/ssh/sshd.js';

const SCENARIOS = fileURLToPath(new URL('../../provision/scenarios', import.meta.url));
const shipped = (await readdir(SCENARIOS)).filter((file) => file.endsWith('.yaml'));

const server = await serverForFile();
/** Logs in as somebody who is not root but has sudo. */
const plain = await serverForFile({ accounts: [{ name: 'lab', password: 'x', sudo: 'without-password' }] });
const work = await folderForFile();

function run(...args: string[]): Promise<CliResult> {
  return runOn(server, ...args);
}

function runOn({ sshConfig }: Pick<Sshd, 'sshConfig'>, ...args: string[]): Promise<CliResult> {
  const common = ['--ssh-config', sshConfig, '--guest-dir', join(work, 'guest')];
  return gclab(['remote', 'run', ...common, '--json', ...args], { cwd: work });
}

const documentOf = (result: CliResult): RunDocument => JSON.parse(result.stdout) as RunDocument;

describe('the scenarios that come with gclab', () => {
  it.each(shipped)('%s meets its own expectations in every trial', async (file) => {
    const result = await run('--host', 'guest', '--scenario', file.replace('.yaml', ''), '--trials', '3');
    const [record] = documentOf(result).targets;
    expect(record).toMatchObject({ outcome: 'completed', expectationHeld: true, brokenExpectations: [] });
    expect(result.exitCode).toBe(0);
  });

  it.each(shipped)('%s does so too for an ordinary user who has sudo', async (file) => {
    const result = await runOn(plain, '--host', 'guest', '--scenario', file.replace('.yaml', ''));
    const [record] = documentOf(result).targets;
    expect(record).toMatchObject({ outcome: 'completed', expectationHeld: true, brokenExpectations: [] });
    expect(record?.facts).toMatchObject({ user: { name: 'lab' }, privilege: 'sudo' });
    expect(result.exitCode).toBe(0);
  });

  it.each(shipped)('%s does so on two hosts in step, whose users differ', async (file) => {
    const sshConfig = join(work, 'two-hosts');
    const configs = [await asHost(server, 'one'), await asHost(plain, 'other')];
    await writeFile(sshConfig, (await Promise.all(configs.map((one) => readFile(one, 'utf8')))).join(''));
    const hosts = ['--host', 'one', '--host', 'other'];
    const scenario = ['--scenario', file.replace('.yaml', ''), '--lockstep'];
    const result = await runOn({ sshConfig }, ...hosts, ...scenario, '--trials', '2');
    for (const record of documentOf(result).targets) {
      expect(record).toMatchObject({ outcome: 'completed', expectationHeld: true, brokenExpectations: [] });
    }
    expect(result.exitCode).toBe(0);
  });

  it('are described by the JSON Schema that is published beside them', async () => {
    const published = await readFile(join(SCENARIOS, 'scenario.schema.json'), 'utf8');
    expect(JSON.parse(published)).toEqual(scenarioJsonSchema());
    expect(JSON.parse((await gclab(['scenario', 'schema'])).stdout)).toEqual(JSON.parse(published));
  });

  it('are listed with what they show', async () => {
    const { stdout } = await gclab(['scenario', 'list']);
    for (const file of shipped) expect(stdout).toContain(file.replace('.yaml', ''));
  });
});

describe('gclab remote run --scenario', () => {
  it('times every step on the guest, under its number in the list', async () => {
    const file = join(work, 'two.yaml');
    await writeFile(file, 'steps:\n  - add 1MiB\n  - repeat 2 { wait 30ms; gc }\n');
    const document = documentOf(await run('--host', 'guest', '--scenario', file));
    const journal = await readFile(join(document.run.dir, 'guest', 'journal.ndjson'), 'utf8');
    const begun = journal
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step: string; number: number; t: number })
      .filter(({ type }) => type === 'begin');
    expect(begun.map(({ number, step }) => `${number} ${step}`)).toEqual([
      '1 add',
      '2 wait',
      '2 gc',
      '2 wait',
      '2 gc',
    ]);
    expect((begun[2]?.t ?? 0) - (begun[1]?.t ?? 0)).toBeGreaterThanOrEqual(30_000);
  });

  it('exits 6 and says what did not hold', async () => {
    const file = join(work, 'wrong.yaml');
    await writeFile(
      file,
      'steps: [add 1MiB]\nexpect: { verdict: oom-killed, peakBelow: 1KiB, gcsBetween: [90, 99] }\n',
    );
    const result = await run('--host', 'guest', '--scenario', file);
    expect(documentOf(result).targets[0]?.brokenExpectations).toEqual([
      'trial 1: expected oom-killed, it is survived',
      expect.stringContaining('expected a peak below 1 KiB'),
      expect.stringContaining('expected 90 to 99 collections'),
    ]);
    expect(result.exitCode).toBe(6);
  });

  it('is inconclusive where a condition is not met in time, and says which', async () => {
    const file = join(work, 'never.yaml');
    await writeFile(file, 'steps: [gc, "until numGC > 1000 within 50ms"]\n');
    const result = await run('--host', 'guest', '--scenario', file);
    const [record] = documentOf(result).targets;
    expect(record).toMatchObject({ verdict: { kind: 'inconclusive' } });
    expect(record?.trials[0]?.reason).toContain('numGC > 1000 was not so within 50 ms');
    expect(result.exitCode).toBe(5);
  });

  it('ends one that takes longer than it may, and says so', async () => {
    const file = join(work, 'long.yaml');
    await writeFile(file, 'steps: [add 1MiB, wait 5m]\n');
    const result = await run('--host', 'guest', '--scenario', file, '--timeout', '2s');
    const [record] = documentOf(result).targets;
    expect(record).toMatchObject({ error: { code: 'run-timeout' }, guest: { left: false } });
    expect(result.exitCode).toBe(5);
  });

  it('refuses a wrong one before it connects', async () => {
    const file = join(work, 'bad.yaml');
    await writeFile(file, 'steps:\n  - ad 1MiB\n');
    const result = await run('--host', 'nobody-here.invalid', '--scenario', file);
    expect(JSON.parse(result.stdout)).toMatchObject({
      error: { code: 'bad-scenario', hint: 'did you mean add?' },
    });
    expect(result.exitCode).toBe(2);
  });

  it('goes in step over several hosts, and one that is not there or dies holds nobody up', async () => {
    const file = join(work, 'steps.yaml');
    await writeFile(file, 'steps: [add 90%, stats, add 20%, stats]\nexpect: { killedAtStep: 3 }\n');
    const hosts = ['--host', 'guest', '--host', 'nobody-here.invalid'];
    const result = await run(...hosts, '--scenario', file, '--lockstep');
    const [guest, nobody] = documentOf(result).targets;
    expect(guest).toMatchObject({ verdict: { kind: 'oom-killed' }, expectationHeld: true });
    expect(nobody).toMatchObject({ outcome: 'unreachable' });
  });
});
