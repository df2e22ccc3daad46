import { afterEach, describe, expect, test } from 'vitest';
import { GclabError } from '../../../src/errors.js';
import type { WorkflowEvent } from '../../../src/fleet/events.js';
import { Phases } from '../../../src/fleet/phases.js';
import type { VmControl } from '../../../src/fleet/vm-control.js';
import { vmTarget } from '../../../src/inventory/targets.js';
import { BOTH_OPTIONS } from '../../../src/kernel/change/plan/plan.js';
import { probe } from '../../../src/kernel/facts/probe.js';
import type { Guest } from '../../../src/model.js';
import type { ChangeState, PlanReport } from '../../../src/results/change-folder.js';
import type { ChangeContext } from '../../../src/workflows/change/context.js';
import { prepareGuest } from '../../../src/workflows/change/prepare.js';
import { rebootAndRead } from '../../../src/workflows/change/reboot.js';
import { revertGuest } from '../../../src/workflows/change/revert.js';
import type { ChangeSettings } from '../../../src/workflows/change/settings.js';
import { answering, fixture } from '../../kernel/guests.js';
import { Sandbox } from '../../kernel/sandbox.js';

const DEFAULT = 'GRUB_CMDLINE_LINUX="console=ttyS0 swapaccount=0"\n';
const sandboxes: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of sandboxes.splice(0)) sandbox.remove();
});

/** This machine as a guest that needs swapaccount=1, its boot files in a sandbox. It is never rebooted: gclab runs on it. */
async function scene() {
  const sandbox = new Sandbox({ 'etc/default/grub': DEFAULT });
  sandboxes.push(sandbox);
  const guest = await sandbox.guest();
  await guest.exec(['grub-mkconfig']);
  const facts = await probe(answering(fixture('debian11-5.10-hybrid-swapaccount0-root')), {
    timeoutMs: 1_000,
  });
  const states: ChangeState[] = [];
  const replaced: Guest[] = [];
  const shown: PlanReport[] = [];
  const events: WorkflowEvent[] = [];
  const context = (id: string, changes: Partial<ChangeSettings> = {}): ChangeContext => ({
    settings: {
      wanted: { options: BOTH_OPTIONS, force: false, editDefaultGrub: false },
      trial: false,
      dryRun: false,
      mayReboot: true,
      rebootTimeoutMs: 1_000,
      stepTimeoutMs: 60_000,
      dpkgWaitMs: 1_000,
      confirm: async (_target, plan) => shown.push(plan) > 0,
      ...changes,
    },
    request: {
      askSudoPassword: false,
      findVm: async () => null,
      connect: { acceptNew: false, connectTimeoutMs: 1_000, keepaliveMs: 1_000, env: {} },
      sudoPasswords: new Map(),
      probeTimeoutMs: 1_000,
      signal: new AbortController().signal,
    },
    phases: new Phases('local', (event) => events.push(event)),
    id,
    dial: async () =>
      await Promise.reject(
        new GclabError({ code: 'connection-refused', doing: 'connecting', what: 'nobody is there' }),
      ),
    replace: (next) => void replaced.push(next),
    record: async (state) => void states.push(state),
    rebooted: () => undefined,
  });
  return { sandbox, guest, facts, replaced, states, shown, events, context };
}

describe('on the machine that gclab runs on', () => {
  test('the reboot is left to its user', async () => {
    const { guest, facts, context, states, sandbox } = await scene();
    expect(await prepareGuest(guest, facts, context('a'))).toMatchObject({ state: 'waiting-for-reboot' });
    expect(states).toEqual(['changing', 'waiting-for-reboot']);
    expect(sandbox.read('boot/grub/grub.cfg')).toContain('swapaccount=1');
  });

  test('a trial is refused before anybody is asked', async () => {
    const { guest, facts, context, states, shown } = await scene();
    const trying = prepareGuest(guest, facts, context('a', { trial: true }));
    await expect(trying).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('does not reboot it'),
    });
    expect([states, shown]).toEqual([[], []]);
  });
});

test('a trial is shown before it is made, and a dry run makes none', async () => {
  const { guest, facts, context, states, sandbox } = await scene();
  const before = [sandbox.list('boot'), sandbox.read('boot/grub/grubenv'), sandbox.list('var/lib')];
  const plans: (PlanReport | null)[] = [];
  const showing = { ...context('a', { trial: true, dryRun: true }) };
  const record: ChangeContext['record'] = async (state, plan) => {
    plans.push(plan);
    await showing.record(state, plan);
  };
  const vm = { ...guest, target: vmTarget('vm1', null) };
  expect(await prepareGuest(vm, facts, { ...showing, record })).toMatchObject({ state: 'planned' });
  expect(states).toEqual(['planned']);
  expect(plans).toMatchObject([
    {
      edits: [{ path: '/boot/grub/custom.cfg' }, { path: '/etc/default/grub.d/zzz-gclab.cfg' }],
      commands: ['grub-reboot gclab-trial', 'systemctl reboot', 'update-grub'],
      notes: [expect.stringContaining('changed only after its effect was seen')],
    },
  ]);
  expect(plans[0]?.edits[0]?.diff).toMatch(/\n\+\tlinux\t.* swapaccount=1 panic=30 gclab\.trial=a\n/);
  expect([sandbox.list('boot'), sandbox.read('boot/grub/grubenv'), sandbox.list('var/lib')]).toEqual(before);
});

describe('a revert', () => {
  test('shows what each file becomes again, and a dry run changes nothing', async () => {
    const { guest, facts, context, shown, sandbox } = await scene();
    await prepareGuest(guest, facts, context('a', { mayReboot: false }));
    const ours = sandbox.read('etc/default/grub.d/zzz-gclab.cfg');
    expect(await revertGuest(guest, facts, context('b', { dryRun: true }))).toMatchObject({
      state: 'planned',
    });
    expect(sandbox.read('etc/default/grub.d/zzz-gclab.cfg')).toBe(ours);
    await revertGuest(guest, facts, context('b'));
    const [edit] = shown.at(-1)?.edits ?? [];
    expect(edit).toMatchObject({
      path: '/etc/default/grub.d/zzz-gclab.cfg',
      diff: expect.stringContaining('\n+++ /dev/null\n'),
    });
    expect(shown.at(-1)?.commands).toEqual(['update-grub', 'systemctl reboot']);
  });

  test('that a later edit stands in the way of is refused before anybody is asked', async () => {
    const { guest, facts, context, shown, states, sandbox } = await scene();
    await prepareGuest(guest, facts, context('a', { mayReboot: false }));
    sandbox.write('etc/default/grub.d/zzz-gclab.cfg', 'GRUB_CMDLINE_LINUX="mine"\n');
    const [asked, recorded] = [shown.length, states.length];
    await expect(revertGuest(guest, facts, context('b'))).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('someone else edited it since'),
    });
    expect([shown.length, states.length]).toEqual([asked, recorded]);
  });

  test('with nothing in the ledger has nothing to do', async () => {
    const { guest, facts, context, shown } = await scene();
    expect(await revertGuest(guest, facts, context('b'))).toMatchObject({ state: 'nothing-to-do' });
    expect(shown).toEqual([]);
  });

  test('of what was never booted needs no reboot', async () => {
    const { guest, facts, context, events, sandbox } = await scene();
    await prepareGuest(guest, facts, context('a', { mayReboot: false }));
    expect(await revertGuest(guest, facts, context('b'))).toMatchObject({ state: 'applied' });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'note', text: expect.stringContaining('no reboot') }),
    );
    expect(sandbox.read('etc/default/grub.d/zzz-gclab.cfg')).toBeNull();
  });

  test('of what runs is not over before the reboot', async () => {
    const { guest, facts, context } = await scene();
    await prepareGuest(guest, facts, context('a'));
    const commandLine = facts.kernel.commandLine.replace('swapaccount=0', 'swapaccount=1');
    const running = { ...facts, kernel: { ...facts.kernel, commandLine } };
    expect(await revertGuest(guest, running, context('b'))).toMatchObject({ state: 'waiting-for-reboot' });
  });
});

test('a VM that does not come back is told with the end of its console', async () => {
  const { facts, context } = await scene();
  const console = { path: '/vms/vm1/console.log', lastLine: async () => 'Gave up waiting for root' };
  const vm: VmControl = { start: () => Promise.reject(new Error('not needed')), console };
  const { request, ...rest } = context('a');
  // It answers, and asks nothing of this machine.
  const guest = {
    ...answering('\ngclab-answer\treboot\ngclab-end\tdone\n'),
    target: vmTarget('vm1', null),
    lost: AbortSignal.timeout(50),
  };
  await expect(
    rebootAndRead(guest, facts, { ...rest, request: { ...request, findVm: async () => vm } }),
  ).rejects.toMatchObject({
    code: 'reboot-timeout',
    message: expect.stringMatching(
      /^vm1: waiting for the reboot: .* after 1 s; its console ends with: Gave up/,
    ),
    hint: 'see its console log, /vms/vm1/console.log',
  });
});

describe.each([
  ['cannot be read', 'no answer'],
  ['has not the effect', fixture('debian11-5.10-hybrid-swapaccount0-root')],
])('a guest that came back and %s', (_, said) => {
  test('is still connected for whoever closes it, and nothing else is', async () => {
    const { guest: before, facts, replaced, context } = await scene();
    let open = 1;
    const counted = (guest: Guest): Guest => ({ ...guest, close: async () => void open-- });
    const dialled = (): Guest => {
      open++;
      const exec: Guest['exec'] = async (argv, options) =>
        await answering(argv[0] === 'cat' ? '22222222-2222-4222-8222-222222222222\n' : said).exec(
          argv,
          options,
        );
      return counted({ ...answering(''), exec, setPrivilege: () => {} });
    };
    const first = counted({
      ...before,
      target: vmTarget('vm1', null),
      lost: AbortSignal.timeout(50),
      exec: async (argv, options) =>
        String(options?.stdin).includes('\nreboot()')
          ? await answering('\ngclab-answer\treboot\ngclab-end\tdone\n').exec(argv, options)
          : await before.exec(argv, options),
    });
    const playing = { ...context('a', { rebootTimeoutMs: 20_000 }), dial: async () => dialled() };
    await expect(prepareGuest(first, facts, playing)).rejects.toBeInstanceOf(GclabError);
    expect(replaced).toHaveLength(1);
    await replaced[0]?.close();
    expect(open).toBe(0);
  });
});
