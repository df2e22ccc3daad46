import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunDocument } from '../../../src/results/run-folder.js';
import { gclab } from '../../support/cli.js';
import { processesNaming } from '../../support/processes.js';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { startOddServer } from '../../support/ssh/odd-server.js';
import { freePort } from '../../support/ssh/sshd.js';
import { startInTerminal, type Terminal } from '../../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

const server = await serverForFile();
const work = await folderForFile();
/** Other tests drive at the same time, and this machine is everybody's guest. */
const port = String(await freePort());

let runs = 0;

interface Session {
  readonly argv: string[];
  /** Where its results go, and where gclab's folder on the guest is. */
  readonly out: string;
  readonly guest: string;
}

function session(sshConfig: string): Session {
  const out = join(work, `out-${runs}`);
  const guest = join(work, `guest-${runs}`);
  runs += 1;
  const where = [
    '--ssh-config',
    sshConfig,
    '--host',
    'guest',
    '--guest-dir',
    guest,
    '--port',
    port,
    '--out',
    out,
  ];
  return { argv: [process.execPath, RUN, 'remote', 'drive', ...where], out, guest };
}

async function typedInto({ argv }: Session, ...shown: string[]): Promise<Terminal> {
  const terminal = startInTerminal(argv, work);
  for (const text of shown) await terminal.shows(text);
  return terminal;
}

/** Stops a process as Ctrl-Z would; it goes on when the test has finished, so that it can end. */
function freeze(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => thaw(pid));
}

function thaw(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The trial's process, as the journal on the guest says. */
async function programOf({ guest }: Session): Promise<number> {
  const [run = ''] = await readdir(join(guest, 'runs'));
  const journal = await readFile(join(guest, 'runs', run, 'journal.ndjson'), 'utf8');
  return Number(/"trial-start".*?"pid":(\d+)/.exec(journal)?.[1]);
}

/** Its parent. */
function supervisorOf(program: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(program)], { encoding: 'utf8' }));
}

async function documentIn({ out }: Session): Promise<RunDocument> {
  const [run = ''] = await readdir(out);
  return JSON.parse(await readFile(join(out, run, 'run.json'), 'utf8')) as RunDocument;
}

describe('a program that was stopped', () => {
  it('is left by quit: it is asked, then the run is stopped', async () => {
    const driven = session(server.sshConfig);
    const terminal = await typedInto(driven, 'gclab> ');
    freeze(await programOf(driven));
    terminal.type('quit\r');
    await terminal.shows('waiting for the program to end; Ctrl-C stops the run');
    await terminal.shows('stopping the run');
    expect(await terminal.exitCode()).toBe(5);
    expect(terminal.written).toContain('waited 5 s for the program to say that it ends: the run was stopped');
    expect(await documentIn(driven)).toMatchObject({
      targets: [{ error: { code: 'remote-timeout' }, guest: { left: false } }],
    });
    expect(processesNaming(driven.guest)).toEqual([]);
  });

  it('is left by Ctrl-C in the middle of a step, and by Ctrl-C again while it is asked to end', async () => {
    const driven = session(server.sshConfig);
    const terminal = await typedInto(driven, 'gclab> ');
    freeze(await programOf(driven));
    terminal.type('add 1MiB\r');
    await terminal.shows('· add 1MiB');
    terminal.type('\u0003');
    await terminal.shows('stopped: add 1MiB (it may still be done on the guest)');
    terminal.type('\u0003');
    await terminal.shows('Ctrl-C again, or quit, ends the session');
    terminal.type('\u0003');
    await terminal.shows('waiting for the program to end; Ctrl-C stops the run');
    terminal.type('\u0003');
    await terminal.shows('stopping the run');
    expect(await terminal.exitCode()).toBe(130);
    expect(processesNaming(driven.guest)).toEqual([]);
  });

  it('with its supervisor is left on the guest, where attach collects it once they go on', async () => {
    const driven = session(server.sshConfig);
    const terminal = await typedInto(driven, 'gclab> ');
    const program = await programOf(driven);
    const supervisor = supervisorOf(program);
    freeze(program);
    freeze(supervisor);
    terminal.type('quit\r');
    await terminal.shows('it was left on the guest');
    await terminal.shows('collect it later with: gclab remote attach');
    expect(await terminal.exitCode()).toBe(5);
    expect(await documentIn(driven)).toMatchObject({ targets: [{ guest: { left: true } }] });

    for (const pid of [program, supervisor]) thaw(pid);
    const { run } = await documentIn(driven);
    const attached = await gclab(['remote', 'attach', run.dir, '--json'], { cwd: work });
    expect((JSON.parse(attached.stdout) as RunDocument).targets).toMatchObject([{ guest: { left: false } }]);
    expect(processesNaming(driven.guest)).toEqual([]);
  });

  it('is left by SIGINT where the session has no terminal', async () => {
    const driven = session(server.sshConfig);
    const [node = '', ...args] = driven.argv;
    const child = spawn(node, args, { cwd: work, stdio: 'pipe' });
    let said = '';
    child.stdout.on('data', (piece: Buffer) => {
      said += piece;
    });
    child.stdin.write('stats\nadd 1MiB\n');
    await expect.poll(() => said, { timeout: 30_000 }).toContain('added 1 MiB');
    const program = await programOf(driven);
    freeze(program);
    freeze(supervisorOf(program));
    child.stdin.write('add 2MiB\n');
    await expect.poll(() => said, { timeout: 30_000 }).toContain('> add 2MiB');
    child.kill('SIGINT');
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect(exitCode).toBe(130);
    expect(said).toContain('it was left on the guest');
  });
});

describe('a server with one session and no forwarding', () => {
  it('is told so at once, and nothing is left on it', async () => {
    const strict = await startOddServer({ refusesWith: 1, sessions: 1 });
    onTestFinished(() => strict.stop());
    const driven = session(strict.sshConfig);
    const [node = '', ...args] = driven.argv;
    const child = spawn(node, [...args, '--json'], { cwd: work, stdio: 'pipe' });
    let stdout = '';
    child.stdout.on('data', (piece: Buffer) => {
      stdout += piece;
    });
    // Nothing is typed: it is known before anybody does.
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect(exitCode).toBe(5);
    const [document] = (JSON.parse(stdout) as { runs: RunDocument[] }).runs;
    expect(document?.targets).toMatchObject([
      {
        error: {
          code: 'tunnel-refused',
          message: expect.stringContaining('has no second session for a bridge'),
          hint: expect.stringContaining('MaxSessions 2'),
        },
        guest: { left: false },
      },
    ]);
    expect(processesNaming(driven.guest)).toEqual([]);
  });
});

describe.each([2, 3, 4])('a server that refuses to forward with reason %d', (reason) => {
  it('is driven through a bridge, since the journal says that the program listens', async () => {
    const odd = await startOddServer({ refusesWith: reason });
    onTestFinished(() => odd.stop());
    const terminal = await typedInto(session(odd.sshConfig), 'through a bridge over a session', 'gclab> ');
    terminal.type('add 1MiB\r');
    await terminal.shows('added 1 MiB');
    terminal.type('quit\r');
    expect(await terminal.exitCode()).toBe(0);
  });
});
