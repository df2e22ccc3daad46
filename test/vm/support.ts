import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { ChangeDocument, ChangeRecord } from '../../src/results/change-folder.js';
import { type CliResult, gclab } from '../support/cli.js';

/** Images stay from run to run: their names say their content. */
export const home = process.env['GCLAB_TEST_HOME'] ?? join(tmpdir(), 'gclab-vm-tests');
const work = mkdtempSync(join(tmpdir(), 'gclab-prepare-'));
export const MINUTES = 60_000;
const made: string[] = [];
afterAll(async () => {
  for (const name of made) await run('vm', 'delete', name);
  rmSync(work, { recursive: true });
}, 2 * MINUTES);

/** Every command that ran, to hold the README against. */
export const ran: (readonly string[])[] = [];

function run(...args: string[]): Promise<CliResult> {
  ran.push(args);
  return gclab(args, { cwd: work, env: { GCLAB_HOME: home } });
}

/** Runs with --json and takes the document; what went wrong is in the message when it is none. */
export async function json<T>(...args: string[]): Promise<T & { readonly exitCode: number | null }> {
  const result = await run(...args, '--json');
  try {
    return { ...(JSON.parse(result.stdout) as T), exitCode: result.exitCode };
  } catch {
    throw new Error(`gclab ${args.join(' ')}: exit ${result.exitCode}\n${result.stdout}${result.stderr}`);
  }
}

/** Makes and starts a VM of this file's own, deleted at the end. */
export async function startVm(name: string, image: string, kernelOptions: string): Promise<string> {
  const full = `${name}-${process.pid}`;
  made.push(full);
  const options = kernelOptions === '' ? [] : ['--kernel-options', kernelOptions];
  const created = await run('vm', 'create', full, '--image', image, '--memory', '768MiB', ...options);
  expect(created.stderr, created.stderr).not.toContain('gclab: ');
  expect((await run('vm', 'start', full)).exitCode).toBe(0);
  return full;
}

/** What a command says there. */
export async function on(vm: string, command: string): Promise<string> {
  const result = await run('vm', 'ssh', vm, '--', command);
  if (result.exitCode !== 0) throw new Error(`${vm}: ${command}: ${result.stderr}`);
  return result.stdout.trim();
}

/** What decides how the guest boots, byte for byte. */
export const sums = (vm: string): Promise<string> =>
  on(
    vm,
    'sudo sh -c "cd / && sha256sum etc/default/grub etc/default/grub.d/* 2>/dev/null; ls etc/default/grub.d"',
  );
export const bootId = (vm: string): Promise<string> => on(vm, 'cat /proc/sys/kernel/random/boot_id');
export const commandLine = (vm: string): Promise<string> => on(vm, 'cat /proc/cmdline');

/** The one target's record. */
export function only(document: ChangeDocument): ChangeRecord {
  const [record] = document.targets;
  if (record === undefined) throw new Error('no target');
  return record;
}
