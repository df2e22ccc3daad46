import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leftoverCgroups } from '../../support/cgroups.js';
import { type CliResult, gclab } from '../../support/cli.js';
import { processesNaming } from '../../support/processes.js';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { documentOf, only, Place } from './place.js';

const server = await serverForFile();
const work = await folderForFile();

/** Until its supervisor has written the end of the run's journal. */
async function ended({ guest }: { readonly guest: string }, run: string): Promise<void> {
  const journal = join(guest, 'runs', run, 'journal.ndjson');
  while (!readFileSync(journal, 'utf8').includes('"type":"end"'))
    await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('remote attach', () => {
  it('needs nothing but the folder: what reaches the target is in it, with all that was expected', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 1 of', '--trials', '5', '--expect', 'survived');
    const attached = await at.attach();
    expect(documentOf(attached).run).toMatchObject({ id: run, owner: null });
    expect(only(documentOf(attached))).toMatchObject({
      outcome: 'completed',
      counts: { wanted: 5, begun: 5, finished: 5 },
      expectationHeld: false,
      guest: { left: false },
    });
    expect(attached.exitCode).toBe(6);
    const lines = (await readFile(join(at.out, run, 'trials.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { trial: number }).trial)).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes the run that is named behind --host, and not the newest', async () => {
    const at = new Place(work, server);
    const older = await at.killed('trial 1 of', '--trials', '3');
    const newer = await at.killed('trial 1 of', '--trials', '3');
    const attached = await at.attach('--host', 'guest', older);
    expect(documentOf(attached).run.id).toBe(older);
    expect(documentOf(await at.attach()).run.id).toBe(newer);
  });

  it('settles a run that is gone from the guest, so that it hides no other', async () => {
    const at = new Place(work, server);
    const living = await at.killed('trial 1 of', '--trials', '3');
    const gone = await at.killed('trial 1 of', '--trials', '3');
    await ended(at, gone);
    rmSync(join(at.guest, 'runs', gone), { recursive: true });
    const first = await at.attach();
    expect(documentOf(first).run.id).toBe(gone);
    expect(only(documentOf(first))).toMatchObject({ error: { code: 'no-run' }, guest: { left: false } });
    expect(first.exitCode).toBe(5);
    const second = await at.attach();
    expect(documentOf(second).run.id).toBe(living);
    expect(only(documentOf(second))).toMatchObject({ outcome: 'completed', verdict: { killed: 3 } });
  });

  it('settles a run whose supervisor never began', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 1 of', '--trials', '3');
    await ended(at, run);
    const folder = join(at.guest, 'runs', run);
    // The pipe that the supervisor removes at its end may still be there: opening it to write would wait for ever.
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      if (!entry.isFile()) rmSync(file, { force: true });
      else if (entry.name !== 'config.json') writeFileSync(file, '');
    }
    rmSync(join(at.out, run, 'guest', 'journal.ndjson'));
    const attached = await at.attach();
    expect(only(documentOf(attached))).toMatchObject({
      error: { code: 'supervisor-died', hint: expect.not.stringContaining('gcexp') },
      counts: { wanted: 3, begun: 0, finished: 0 },
      verdict: null,
      guest: { left: false },
    });
    expect(attached.exitCode).toBe(5);
    expect(existsSync(folder)).toBe(false);
    expect(documentOf(await at.attach())).toMatchObject({ run: { id: run } });
  });

  it('puts the Go program there again where it is gone', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 1 of', '--trials', '3');
    await ended(at, run);
    rmSync(join(at.guest, 'bin'), { recursive: true });
    const attached = await at.attach();
    expect(attached.stderr).toContain('it is put there again');
    expect(only(documentOf(attached))).toMatchObject({ outcome: 'completed', verdict: { killed: 3 } });
    expect(existsSync(join(at.guest, 'runs', run))).toBe(false);
    expect(leftoverCgroups(run)).toEqual([]);
  });

  it('calls nothing interrupted that nobody interrupted', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 1 of', '--trials', '2000');
    const gcexp = join(at.guest, 'bin', readdirSync(join(at.guest, 'bin'))[0] ?? '');
    execFileSync(gcexp, ['stop', '-run', join(at.guest, 'runs', run)]);
    const attached = await at.attach();
    expect(only(documentOf(attached))).toMatchObject({
      outcome: 'failed',
      error: { code: 'run-failed' },
      guest: { left: false },
    });
    expect(attached.exitCode).toBe(5);
    const again = await at.attach();
    expect(again.exitCode).toBe(5);
  });

  it('says that a guest was rebooted, and of how many trials something is known', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 2 of', '--trials', '200');
    // As after a power cut: the supervisor is gone, and the journal began in another boot.
    for (const pid of processesNaming(run)) process.kill(pid, 'SIGKILL');
    const journal = join(at.guest, 'runs', run, 'journal.ndjson');
    const text = readFileSync(journal, 'utf8').replace(/"bootId":"[0-9a-f]{8}/, '"bootId":"00000000');
    writeFileSync(journal, text);
    writeFileSync(join(at.out, run, 'guest', 'journal.ndjson'), '');
    const attached = await at.attach();
    const record = only(documentOf(attached));
    expect(record).toMatchObject({
      outcome: 'failed',
      error: { code: 'guest-rebooted' },
      counts: { wanted: 200 },
    });
    expect(record.error?.message).toMatch(/the guest was rebooted .*; \d+ of 200 trials finished/);
    expect(record.counts.finished).toBeGreaterThan(0);
    expect(record.counts.begun).toBeLessThan(200);
    expect(attached.exitCode).toBe(5);
  });

  it('fills no record from the journal of another run', async () => {
    const at = new Place(work, server);
    const run = await at.killed('trial 1 of', '--trials', '3');
    const file = join(at.out, run, 'guest', 'journal.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace(run, `${run.slice(0, -6)}ffffff`));
    const attached = await at.attach();
    expect(only(documentOf(attached))).toMatchObject({
      outcome: 'failed',
      error: { code: 'guest-answer' },
      verdict: null,
      guest: { left: true },
    });
    expect(attached.exitCode).toBe(5);
  });

  it('says so where nothing was left, and changes nothing', async () => {
    const at = new Place(work, server);
    await at.run({});
    const [run = ''] = readdirSync(at.out);
    const before = readFileSync(join(at.out, run, 'run.json'), 'utf8');
    const attached = await gclab(['remote', 'attach', '--out', at.out], { cwd: at.folder });
    expect(attached.stdout).toContain('nothing of this run was left behind');
    expect(attached.exitCode).toBe(0);
    expect(readFileSync(join(at.out, run, 'run.json'), 'utf8')).toBe(before);
  });
});

describe('a run whose results cannot be written any more', () => {
  it('is left on the guest, whole, and attach brings it home', async () => {
    const at = new Place(work, server);
    const run = fileLimited(at, '--trials', '20', '--json');
    const result = await run;
    const record = only(documentOf(result));
    expect(record).toMatchObject({
      outcome: 'failed',
      error: { code: 'results-not-written' },
      guest: { left: true },
    });
    expect(record.error?.hint).toContain('gclab remote attach');
    expect(result.exitCode).toBe(5);
    const attached = await at.attach();
    expect(only(documentOf(attached))).toMatchObject({
      outcome: 'completed',
      counts: { wanted: 20, begun: 20, finished: 20 },
      guest: { left: false },
    });
    expect(attached.exitCode).toBe(0);
  });

  /** No file of this gclab may grow beyond 32 KiB; the guest is another process. */
  async function fileLimited(at: Place, ...args: string[]): Promise<CliResult> {
    return await at.run({ within: ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh'] }, ...args);
  }
});
