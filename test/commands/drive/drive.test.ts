import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { behind } from '../../support/ssh/line.js';
import { freePort, type Sshd } from '../../support/ssh/sshd.js';
import { startInTerminal } from '../../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

const server = await serverForFile();
const strict = await serverForFile({ config: ['AllowTcpForwarding no', 'MaxSessions 2'] });
const work = await folderForFile();

async function argsOf(sshd: Sshd, sshConfig = sshd.sshConfig): Promise<string[]> {
  const port = String(await freePort());
  const where = ['--ssh-config', sshConfig, '--guest-dir', join(work, 'guest'), '--port', port];
  return ['remote', 'drive', '--host', 'guest', ...where];
}

interface Piped {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** Types the lines as they are wanted: `when` is awaited in what is printed before the next line goes in. */
async function pipe(
  args: readonly string[],
  lines: readonly string[],
  between: Readonly<Record<string, () => Promise<void> | void>> = {},
): Promise<Piped> {
  const env = { ...process.env, GCLAB_HOME: join(work, 'home') };
  const child = spawn(process.execPath, [RUN, ...args], { cwd: work, env, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  const waiting = new Map(Object.entries(between));
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
    for (const [text, act] of waiting) {
      if (!stdout.includes(text)) continue;
      waiting.delete(text);
      void act();
    }
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  child.stdin.end(`${lines.join('\n')}\n`);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { stdout, stderr, exitCode };
}

/** The process of the trial, by its journal in the guest's folder. */
async function killTrial(): Promise<void> {
  const runs = join(work, 'guest', 'runs');
  for (const run of await readdir(runs)) {
    const journal = await readFile(join(runs, run, 'journal.ndjson'), 'utf8');
    const pid = /"trial-start".*?"pid":(\d+)/.exec(journal)?.[1];
    if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
  }
}

describe('gclab remote drive, through a pipe', () => {
  it('does what it is told and ends with a verdict', async () => {
    const { stdout, exitCode } = await pipe(await argsOf(server), [
      'stats',
      'add 10MiB',
      'add 2MiB of 64',
      'rel 5MiB; gc',
      'repeat 3 { add 1MiB; wait 10ms }',
      'until heapInUse > 1MiB within 5s',
      'cache 4MiB',
      'env',
      'help',
      'reset',
      'quit',
    ]);
    expect(stdout).toContain('added 10 MiB, heap 10');
    expect(stdout).toContain('released 5 MiB');
    expect(stdout).toContain('cached 4 MiB');
    expect(stdout).toContain('hard limit  32 MiB');
    expect(stdout).toContain('survived: 0 of 1 trials');
    expect(stdout).not.toContain('\u001b');
    expect(exitCode).toBe(0);
    expect(existsSync(join(work, 'home', 'drive-history'))).toBe(false);
  });

  it('takes an OOM kill for a result, says which request and why, and starts again when asked', async () => {
    const args = await argsOf(server);
    const { stdout, exitCode } = await pipe(args, ['add 90%', 'add 20%', 'gc', 'again', 'stats']);
    expect(stdout).toContain('✖ the program ended during: add 20%');
    expect(stdout).toContain('oom-killed: 1 of 1 trials');
    expect(stdout).toContain('not done: gc');
    expect(stdout).toContain('survived: 0 of 1 trials');
    expect(exitCode).toBe(0);
  });

  it('saves a session that can be replayed, and does not write over another file', async () => {
    const file = join(work, 'saved.yaml');
    const done = ['add 4MiB', 'wait 120ms', 'gc', `save ${file}`];
    const saved = await pipe(await argsOf(server), done);
    expect(saved.exitCode).toBe(0);
    const advised = `gclab remote run --host guest --ssh-config ${server.sshConfig} --scenario ${file}`;
    expect(saved.stdout).toContain(advised);
    const text = await readFile(file, 'utf8');
    const steps = [...text.matchAll(/^ {2}- (.*)$/gm)].map((match) => match[1] ?? '');
    expect(steps.map((step) => step.replace(/\d+ms/, 'T'))).toEqual(['add 4MiB', 'wait T', 'gc']);
    expect(Number(/wait (\d+)ms/.exec(text)?.[1])).toBeGreaterThanOrEqual(115);
    const again = await pipe(await argsOf(server), done);
    expect(again.stdout).toContain('it is there already');
    expect(again.exitCode).toBe(2);
  });

  it.each([
    ['ad 10MiB', 'did you mean add?', 2],
    ['add 999999TiB', 'is no size', 2],
    ['add 10GiB', 'request-refused', 5],
    ['repeat 1000000 { repeat 1000 { gc } }', 'steps would be done', 2],
    ['until numGC > 500 within 50ms', 'it was not so within 0.05 s', 5],
  ])('stops a script at %s', async (line, said, code) => {
    const { stdout, exitCode } = await pipe(await argsOf(server), [line, 'add 1MiB']);
    expect(stdout).toContain(said);
    expect(stdout).not.toContain('added');
    expect(exitCode).toBe(code);
  });

  it('goes through a bridge where forwarding is forbidden and two sessions are all there is', async () => {
    const { stdout, stderr, exitCode } = await pipe(await argsOf(strict), ['add 1MiB', 'stats', 'gc']);
    expect(`${stdout}${stderr}`).toContain('through a bridge over a session');
    expect(stdout).toContain('added 1 MiB');
    expect(exitCode).toBe(0);
  });

  it('works over a line with 100 ms each way', async () => {
    const { line, sshConfig } = await behind(server, 100);
    const { stdout, exitCode } = await pipe(await argsOf(server, sshConfig), ['add 1MiB', 'gc']);
    await line.stop();
    expect(stdout).toContain('added 1 MiB');
    expect(exitCode).toBe(0);
  });

  it('connects again when the line drops, and tells what happened there meanwhile', async () => {
    const { line, sshConfig } = await behind(server, 0);
    const args = await argsOf(server, sshConfig);
    const { stdout, exitCode } = await pipe(args, ['add 1MiB', 'wait 1s', 'gc', 'stats'], {
      'added 1 MiB': () => line.cut(),
    });
    await line.stop();
    expect(stdout).toContain('connected again');
    expect(stdout).toContain('on the guest in between:');
    expect(stdout).toContain('survived: 0 of 1 trials');
    expect(exitCode).toBe(0);
  });

  it('notices a program that was killed between two commands, and does not call that an OOM kill', async () => {
    const { stdout, exitCode } = await pipe(await argsOf(server), ['add 1MiB', 'wait 5s', 'gc'], {
      'added 1 MiB': killTrial,
    });
    expect(stdout).toContain('inconclusive');
    expect(stdout).not.toContain('oom-killed');
    expect(exitCode).toBe(5);
  });

  it('says that the port is taken on the guest', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as { port: number }).port);
    const args = await argsOf(server);
    const { stdout, exitCode } = await pipe([...args.slice(0, -1), port], ['stats']);
    taken.close();
    expect(stdout).toContain('port-in-use');
    expect(exitCode).toBe(5);
  });

  it('drives several hosts in step when asked, and not otherwise', async () => {
    const args = [...(await argsOf(server)), '--host', 'nobody-here.invalid'];
    expect((await pipe(args, ['stats'])).exitCode).toBe(2);
    const { stdout, exitCode } = await pipe([...args, '--lockstep'], ['add 1MiB', 'quit']);
    expect(stdout).toContain('added 1 MiB');
    expect(exitCode).toBe(4);
  });
});

describe('gclab remote drive, in a terminal', () => {
  it('has a prompt, a live panel, completion, history, and a Ctrl-C for the command alone', async () => {
    const terminal = startInTerminal([process.execPath, RUN, ...(await argsOf(server))], work);
    await terminal.shows('gclab> ');
    terminal.type('add 10MiB\r');
    await terminal.shows('added 10 MiB');
    await terminal.shows(/usage .*of 32 MiB \(\d+ %\)/);
    await terminal.shows('●');
    terminal.type('until numGC > 900 within 60s\r');
    await terminal.shows('numGC > 900');
    terminal.type('\u0003');
    await terminal.shows('stopped: until numGC > 900');
    terminal.type('unt\t');
    await terminal.shows('until ');
    terminal.type('\u0003gc\r');
    await terminal.shows(/heap \d/);
    terminal.type('\u001b[A\r');
    await terminal.shows(/heap \d/);
    terminal.type('reset\radd 90%\radd 20%\r');
    await terminal.shows('the program ended during: add 20%');
    await terminal.shows('oom-killed: 1 of 1');
    await terminal.shows('again starts it');
    terminal.type('again\rstats\r');
    await terminal.shows('limit 32 MiB');
    terminal.type('quit\r');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.written).toContain('survived: 0 of 1 trials');
  });

  it('remembers what was typed in the session before', async () => {
    const first = startInTerminal([process.execPath, RUN, ...(await argsOf(server))], work);
    await first.shows('gclab> ');
    first.type('add 3MiB\rquit\r');
    expect(await first.exitCode()).toBe(0);
    const second = startInTerminal([process.execPath, RUN, ...(await argsOf(server))], work);
    await second.shows('gclab> ');
    second.type('\u001b[A\r');
    await second.shows('added 3 MiB');
    second.type('quit\r');
    expect(await second.exitCode()).toBe(0);
  });
});
