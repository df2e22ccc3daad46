/** `npm run bench`: whole commands side by side, alternating, medians. Nothing is asserted; the figures are for reading. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startSshd } from '../test/support/sshd.js';
import { alternate, report } from './measure.js';

const ROUNDS = 11;
const root = resolve('.');
const cli = join(root, 'bin', 'run.js');
const work = mkdtempSync(join(tmpdir(), 'gclab-bench-'));
const server = await startSshd();
try {
  await startUp();
  await warmRun();
  await supervision();
} finally {
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

async function startUp(): Promise<void> {
  const measured = await alternate(
    [
      { name: 'gclab --version', argv: [process.execPath, cli, '--version'], cwd: work },
      { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd: work },
    ],
    ROUNDS * 2,
  );
  report('Start-up', measured, '≤ 2.2');
}

/** gcexp is on the guest already: one trial, collected, cleaned. */
async function warmRun(): Promise<void> {
  const gcexp = readFileSync(
    join(root, 'dist', `gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`),
  );
  const sum = createHash('sha256').update(gcexp).digest('hex');
  const guest = join(work, 'guest');
  const args = [
    'remote',
    'run',
    '--ssh-config',
    server.sshConfig,
    '--host',
    'guest',
    '--guest-dir',
    guest,
    '--json',
  ];
  const script = [
    server.sshConfig,
    'guest',
    sum,
    guest,
    join(work, 'openssh'),
    join(root, 'provision', 'guest'),
  ];
  const measured = await alternate(
    [
      { name: 'gclab remote run, warm', argv: [process.execPath, cli, ...args], cwd: work },
      {
        name: 'OpenSSH script, one connection',
        argv: [join(root, 'bench', 'openssh-run.sh'), ...script],
        cwd: work,
      },
    ],
    ROUNDS,
  );
  report('A warm run on a loopback host', measured, '≤ 1.15');
}

/** What supervising a trial costs over the bare child, as gcexp itself measures it in turn. */
async function supervision(): Promise<void> {
  const gcexp = join(root, 'dist', `gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`);
  const { stdout } = await promisify(execFile)(gcexp, ['bench']);
  process.stdout.write(`\nA trial, supervised against bare (goal ≤ 1.3)\n  ${stdout.trim()}\n`);
}
