import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, type Sshd, startSshd } from '../support/sshd.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let server: Sshd;
let work: string;
beforeAll(async () => {
  server = await startSshd();
  work = await mkdtemp(join(tmpdir(), 'gclab-attach-'));
});
afterAll(async () => {
  await server.stop();
  await rm(work, { recursive: true });
});

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
