import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { gclab } from '../support/cli.js';

const DEMO = fileURLToPath(new URL('../../scripts/demo.js', import.meta.url));

/** The name of the VM that is made when no host is named. */
const VM = 'gclab';

const work = mkdtempSync(join(tmpdir(), 'gclab-demo-'));
afterAll(() => rmSync(work, { recursive: true }));

// A hardware virtualisation that claims to work and does not: what asks for it gets a machine whose processors stand still.
const bin = join(work, 'bin');
mkdirSync(bin);
for (const program of ['qemu-system-x86_64', 'qemu-system-aarch64']) {
  const text = `#!/bin/sh
PATH=\${PATH#${bin}:} paused=
for one do
  case $one in kvm | hvf) one=tcg paused=-S ;; host) one=max ;; esac
  set -- "$@" "$one"
  shift
done
exec ${program} $paused "$@"
`;
  writeFileSync(join(bin, program), text);
  chmodSync(join(bin, program), 0o755);
}

const env = {
  PATH: `${bin}:${process.env['PATH']}`,
  GCLAB_HOME: process.env['GCLAB_TEST_HOME'] ?? join(tmpdir(), 'gclab-vm-tests'),
};

function demo(): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(process.execPath, [DEMO], {
    cwd: work,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece;
    });
  }
  child.stdin.end();
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}

test('the demo goes from nothing to a verdict in a VM of its own, also where hardware virtualisation only claims to work', {
  timeout: 30 * 60_000,
}, async () => {
  await gclab(['vm', 'delete', VM], { env });
  const { exitCode, output } = await demo();
  expect(exitCode, output).toBe(0);
  expect(output).toContain(`using the VM ${VM}`);
  expect(output).toMatch(/accelerator tcg; (kvm|hvf) does not work here: QEMU stopped the firmware/);
  expect(output).not.toContain('using this machine');
  expect(output).toMatch(/oom-killed|survived/);
  const { stdout } = await gclab(['vm', 'list', '--json'], { env });
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: VM, state: 'stopped' }));
  await gclab(['vm', 'delete', VM], { env });
});
