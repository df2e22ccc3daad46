import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ChangeDocument } from '../../src/results/change-folder.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import type { CheckDocument } from '../../src/workflows/check.js';
import { bootId, commandLine, json, MINUTES, only, ran, startVm, sums } from './support.js';

describe.each([
  { hierarchy: 'v2', mode: '', how: [] },
  { hierarchy: 'v1', mode: 'systemd.unified_cgroup_hierarchy=0', how: ['--trial'] },
])('a kernel 5.10 with swapaccount=0, cgroup $hierarchy', ({ hierarchy, mode, how }) => {
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

  test(`is prepared through GRUB and one reboot, and only the effect counts ${how}`, {
    timeout: 15 * MINUTES,
  }, async () => {
    const prepared = await json<ChangeDocument>('remote', 'prepare', '--vm', vm, '--yes', ...how);
    expect(only(prepared)).toMatchObject({ state: 'applied', error: null, readiness: { ready: true } });
    expect(only(prepared).rebootMs).toHaveLength(1);
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

  test('is prepared by a run that may', { timeout: 15 * MINUTES }, async () => {
    const document = await json<RunDocument>(
      'remote',
      'run',
      '--vm',
      vm,
      '--trials',
      '1',
      '--prepare',
      '--yes',
    );
    expect(document.targets[0]).toMatchObject({
      outcome: 'completed',
      preparation: { state: 'applied' },
      verdict: { kind: 'oom-killed' },
    });
  });
});

test('the README shows what ran here', () => {
  const [block] = /```\ngclab vm create old [\s\S]*?```/.exec(readFileSync('README.md', 'utf8')) ?? [''];
  const lines = block.split('\n').filter((line) => line.startsWith('gclab '));
  const shown = lines.map((line) => line.replace(/ *#.*/, '').split(' ').slice(1));
  const isLike = (args: readonly string[], command: readonly string[]): boolean => {
    const ours = args.map((arg) => (/^old-v2-\d+$/.test(arg) ? 'old' : arg));
    return (
      command.every((word) => ours.includes(word)) && ours.slice(0, 2).join() === command.slice(0, 2).join()
    );
  };
  expect(shown).toHaveLength(5);
  for (const command of shown)
    expect(
      ran.filter((args) => isLike(args, command)),
      command.join(' '),
    ).not.toEqual([]);
});
