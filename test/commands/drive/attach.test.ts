import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { freePort } from '../../support/ssh/sshd.js';
import { startInTerminal } from '../../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

const server = await serverForFile();
const work = await folderForFile();

it('goes on with a session whose controller was killed: the program and what it keeps are still there', async () => {
  const port = String(await freePort());
  const common = ['remote', 'drive', '--ssh-config', server.sshConfig, '--port', port];
  const args = [...common, '--host', 'guest', '--guest-dir', join(work, 'guest')];
  const first = spawn(process.execPath, [RUN, ...args], { cwd: work, stdio: 'pipe' });
  first.stdin.write('add 7MiB\n');
  let said = '';
  for await (const piece of first.stdout) {
    said += String(piece);
    if (said.includes('added 7 MiB')) break;
  }
  first.kill('SIGKILL');
  const second = spawn(process.execPath, [RUN, ...common, '--attach'], { cwd: work, stdio: 'pipe' });
  second.stdin.end('stats\nquit\n');
  let output = '';
  second.stdout.on('data', (piece: Buffer) => {
    output += piece;
  });
  const [exitCode] = (await once(second, 'close')) as [number | null];
  expect(output).toContain('kept 7 MiB');
  expect(output).toContain('survived: 0 of 1 trials');
  expect(exitCode).toBe(0);
});

describe('a program that somebody started by hand', () => {
  /** As docs/experiment.md says, and once it listens. */
  async function byHand(port: string): Promise<ChildProcess> {
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const gcexp = fileURLToPath(new URL(`../../../dist/gcexp-linux-${architecture}`, import.meta.url));
    const listen = ['-interactive', '-listen', `127.0.0.1:${port}`];
    const program = spawn(gcexp, listen, { cwd: work, stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void program.kill());
    let said = '';
    await new Promise<void>((resolve) =>
      program.stdout.on('data', (piece: Buffer) => {
        said += piece;
        if (said.includes('listening on')) resolve();
      }),
    );
    return program;
  }

  async function visit(port: string, lines: readonly string[]) {
    const args = [
      'remote',
      'drive',
      '--ssh-config',
      server.sshConfig,
      '--host',
      'guest',
      '--port',
      port,
      '--attach',
    ];
    const child = spawn(process.execPath, [RUN, ...args], { cwd: work, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => {
        output += piece;
      });
    child.stdin.end(`${lines.join('\n')}\n`);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { output, exitCode };
  }

  it('is driven, saved, and left running as it was found', async () => {
    const port = String(await freePort());
    const program = await byHand(port);
    const done = ['add 5MiB', 'until heapInUse > 1MiB within 5s', 'env', 'save visited.yaml'];
    const first = await visit(port, done);
    expect(first.output).toContain('added 5 MiB');
    expect(first.output).toContain('no verdict can be given, whatever happens to it');
    expect(first.output).toContain('hard limit  32 MiB, as the program says');
    expect(first.output).toContain('left running, as it was found; no journal here, so no verdict');
    expect(first.exitCode).toBe(0);
    const second = await visit(port, ['stats']);
    expect(second.output).toContain('kept 5 MiB');
    expect(program.exitCode).toBeNull();
  });

  it('that dies is gone, and no verdict is made up for it', async () => {
    const port = String(await freePort());
    await byHand(port);
    const { output, exitCode } = await visit(port, ['add 90%', 'add 20%', 'gc']);
    expect(output).toContain('✖ the program ended during: add 20%');
    expect(output).not.toContain('oom-killed');
    expect(exitCode).toBe(5);
  });

  it('is shown as it answered last, and nothing is shown that it did not say', async () => {
    const port = String(await freePort());
    await byHand(port);
    const where = ['--ssh-config', server.sshConfig, '--host', 'guest', '--port', port, '--attach'];
    const terminal = startInTerminal([process.execPath, RUN, 'remote', 'drive', ...where], work);
    await terminal.shows('no journal: as last answered');
    await terminal.shows(/usage .* [\d.]+ [KM]iB of 32 MiB \(\d+ %\)/);
    terminal.type('add 5MiB\r');
    await terminal.shows(/usage .* not known of 32 MiB/);
    terminal.type('stats\r');
    await terminal.shows(/usage .* [\d.]+ MiB of 32 MiB \(\d+ %\)/);
    terminal.type('quit\r');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.written).not.toMatch(/peak|GOGC|GOMEMLIMIT|survived/);
  });

  it('but is another program than the experiment is told so', async () => {
    const other = createServer((_, answer) => answer.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { output, exitCode } = await visit(String(port), ['stats']);
    other.close();
    expect(output).toContain('does not answer as gcexp -interactive does');
    expect(output).toContain('name its port with --port');
    expect(exitCode).toBe(5);
  });

  it('but listens elsewhere is told so, with what to try', async () => {
    const port = String(await freePort());
    const { output, exitCode } = await visit(port, ['stats']);
    expect(output).toContain('nothing listens there');
    expect(output).toContain(`gcexp -interactive -listen 127.0.0.1:${port}`);
    expect(exitCode).toBe(5);
  });
});
