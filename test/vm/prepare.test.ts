import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bootState } from '../../src/kernel/boot-state.js';
import { probe } from '../../src/kernel/probe.js';
import { reboot } from '../../src/kernel/reboot.js';
import { endTrial, isTrialBoot, setTrial } from '../../src/kernel/trial-boot.js';
import type { Guest } from '../../src/model.js';
import type { ChangeDocument, ChangeRecord } from '../../src/results/change-folder.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import { connect } from '../../src/transport/connect.js';
import type { CheckDocument } from '../../src/workflows/check.js';
import { type CliResult, gclab } from '../support/cli.js';

/** Images stay from run to run: their names say their content. */
const home = process.env['GCLAB_TEST_HOME'] ?? join(tmpdir(), 'gclab-vm-tests');
const work = mkdtempSync(join(tmpdir(), 'gclab-prepare-'));
const MINUTES = 60_000;
const made: string[] = [];
afterAll(async () => {
  for (const name of made) await run('vm', 'delete', name);
  rmSync(work, { recursive: true });
}, 2 * MINUTES);

function run(...args: string[]): Promise<CliResult> {
  return gclab(args, { cwd: work, env: { GCLAB_HOME: home } });
}

/** Runs with --json and takes the document; what went wrong is in the message when it is none. */
async function json<T>(...args: string[]): Promise<T & { readonly exitCode: number | null }> {
  const result = await run(...args, '--json');
  try {
    return { ...(JSON.parse(result.stdout) as T), exitCode: result.exitCode };
  } catch {
    throw new Error(`gclab ${args.join(' ')}: exit ${result.exitCode}\n${result.stdout}${result.stderr}`);
  }
}

async function startVm(name: string, image: string, kernelOptions: string): Promise<string> {
  const full = `${name}-${process.pid}`;
  made.push(full);
  const options = kernelOptions === '' ? [] : ['--kernel-options', kernelOptions];
  const created = await run('vm', 'create', full, '--image', image, '--memory', '768MiB', ...options);
  expect(created.stderr, created.stderr).not.toContain('gclab: ');
  expect((await run('vm', 'start', full)).exitCode).toBe(0);
  return full;
}

async function on(vm: string, command: string): Promise<string> {
  const result = await run('vm', 'ssh', vm, '--', command);
  if (result.exitCode !== 0) throw new Error(`${vm}: ${command}: ${result.stderr}`);
  return result.stdout.trim();
}

/** What decides how the guest boots, byte for byte, and the ledger. */
const sums = (vm: string): Promise<string> =>
  on(
    vm,
    'sudo sh -c "cd / && sha256sum etc/default/grub etc/default/grub.d/* 2>/dev/null; ls etc/default/grub.d"',
  );
const bootId = (vm: string): Promise<string> => on(vm, 'cat /proc/sys/kernel/random/boot_id');
const commandLine = (vm: string): Promise<string> => on(vm, 'cat /proc/cmdline');

function only(document: ChangeDocument): ChangeRecord {
  const [record] = document.targets;
  if (record === undefined) throw new Error('no target');
  return record;
}

describe.each([
  ['v2', ''],
  ['v1', 'systemd.unified_cgroup_hierarchy=0'],
])('a kernel 5.10 with swapaccount=0, cgroup %s', (hierarchy, mode) => {
  let vm: string;
  let before: { readonly sums: string; readonly commandLine: string; readonly bootId: string };

  test('cannot enforce the limit, and says that prepare would help', { timeout: 20 * MINUTES }, async () => {
    vm = await startVm(`old-${hierarchy}`, 'bootstrap:bullseye', `swapaccount=0 ${mode}`.trim());
    before = { sums: await sums(vm), commandLine: await commandLine(vm), bootId: await bootId(vm) };
    const checked = await json<CheckDocument>('remote', 'check', '--vm', vm);
    expect(checked.exitCode).toBe(3);
    const [record] = checked.targets;
    expect(record?.readiness).toMatchObject({ ready: false, swapLimit: false });
    expect(record?.readiness?.options['swapaccount=1'].state).toBe('missing');
    expect(record?.readiness?.obstacles[0]?.remedy).toBe('prepare');
  });

  test('is not changed by a dry run, nor when nobody says yes', { timeout: 5 * MINUTES }, async () => {
    const planned = await json<ChangeDocument>('remote', 'prepare', '--vm', vm, '--dry-run');
    expect(only(planned)).toMatchObject({ state: 'planned', plan: { reboot: true }, error: null });
    expect(only(planned).plan?.edits.map(({ path }) => path)).toEqual(['/etc/default/grub.d/zzz-gclab.cfg']);
    const unconfirmed = await json<ChangeDocument>('remote', 'prepare', '--vm', vm);
    expect(unconfirmed.exitCode).toBe(3);
    expect(only(unconfirmed).error?.code).toBe('not-confirmed');
    expect(await sums(vm)).toBe(before.sums);
    expect(await bootId(vm)).toBe(before.bootId);
  });

  test('is prepared through GRUB and a reboot, and only the effect counts', {
    timeout: 15 * MINUTES,
  }, async () => {
    const prepared = await json<ChangeDocument>('remote', 'prepare', '--vm', vm, '--yes');
    expect(only(prepared)).toMatchObject({ state: 'applied', error: null, readiness: { ready: true } });
    expect(prepared.exitCode).toBe(0);
    expect(await bootId(vm)).not.toBe(before.bootId);
    expect(await commandLine(vm)).toContain('swapaccount=1');
  });

  test('then gives a verdict that its counters prove', { timeout: 5 * MINUTES }, async () => {
    const document = await json<RunDocument>('remote', 'run', '--vm', vm, '--trials', '3');
    expect(document.targets[0]).toMatchObject({
      outcome: 'completed',
      verdict: { kind: 'oom-killed', killed: 3 },
    });
    expect(document.exitCode).toBe(0);
  });

  test('has nothing left to prepare', { timeout: 5 * MINUTES }, async () => {
    expect(only(await json<ChangeDocument>('remote', 'prepare', '--vm', vm, '--yes')).state).toBe(
      'nothing-to-do',
    );
  });

  test('is put back byte for byte, command line included', { timeout: 15 * MINUTES }, async () => {
    const reverted = await json<ChangeDocument>('remote', 'revert', '--vm', vm, '--yes');
    expect(only(reverted)).toMatchObject({ state: 'applied', error: null });
    expect(await sums(vm)).toBe(before.sums);
    expect(await commandLine(vm)).toBe(before.commandLine);
    expect((await json<CheckDocument>('remote', 'check', '--vm', vm)).exitCode).toBe(3);
  });
});

describe('a kernel 6.1', () => {
  let vm: string;

  test('needs nothing, so nothing is written and nothing reboots', { timeout: 20 * MINUTES }, async () => {
    vm = await startVm('new', 'bootstrap:bookworm', '');
    const before = { sums: await sums(vm), bootId: await bootId(vm) };
    const prepared = await json<ChangeDocument>('remote', 'prepare', '--vm', vm, '--yes');
    expect(only(prepared)).toMatchObject({ state: 'nothing-to-do', rebootMs: [], error: null });
    expect(only(prepared).plan?.reasons.join()).toMatch(/obsolete/);
    expect({ sums: await sums(vm), bootId: await bootId(vm) }).toEqual(before);
  });

  test('gives a verdict on cgroup v2', { timeout: 5 * MINUTES }, async () => {
    const document = await json<RunDocument>('remote', 'run', '--vm', vm, '--trials', '3');
    expect(document.targets[0]).toMatchObject({
      outcome: 'completed',
      verdict: { kind: 'oom-killed', killed: 3 },
      readiness: { cgroup: 'v2' },
    });
  });

  test('comes back by itself from a trial boot that panics', { timeout: 20 * MINUTES }, async () => {
    const dial = async (signal?: AbortSignal): Promise<Guest> => {
      const config = join(home, 'vms', vm, 'ssh_config');
      const settings = { acceptNew: false, connectTimeoutMs: 60_000, keepaliveMs: 10_000, env: process.env };
      const guest = await connect(
        { name: vm, kind: 'ssh', sshConfigFile: config },
        signal === undefined ? settings : { ...settings, signal },
      );
      guest.setPrivilege('sudo');
      return guest;
    };
    const guest = await dial();
    const facts = await probe(guest, { timeoutMs: MINUTES });
    const state = await bootState(guest, { timeoutMs: MINUTES });
    const options = { id: 'panic', timeoutMs: 5 * MINUTES, dpkgWaitMs: MINUTES };
    const aim = { add: ['swapaccount=1'], unset: ['swapaccount=1'] } as const;
    // No such root: the initramfs gives up and panics, and the kernel reboots.
    const trial = await setTrial(guest, state, aim, {
      ...options,
      also: ['root=/dev/nonesuch', 'rootdelay=1'],
    });
    const back = await reboot(guest, {
      reconnect: dial,
      oldBootId: facts.kernel.bootId ?? '',
      timeoutMs: 15 * MINUTES,
    });
    const after = await probe(back.guest, { timeoutMs: MINUTES });
    expect(isTrialBoot(after, trial)).toBe(false);
    expect(after.kernel.commandLine).toBe(facts.kernel.commandLine);
    await endTrial(back.guest, trial, options);
    expect((await bootState(back.guest, { timeoutMs: MINUTES })).changes).toEqual([]);
    await back.guest.close();
  });
});
