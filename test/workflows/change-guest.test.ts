import { afterEach, describe, expect, test } from 'vitest';
import { GclabError } from '../../src/errors.js';
import { BOTH_OPTIONS } from '../../src/kernel/plan.js';
import { probe } from '../../src/kernel/probe.js';
import type { ChangeState, PlanReport } from '../../src/results/change-folder.js';
import type { ChangeContext } from '../../src/workflows/change-context.js';
import type { ChangeSettings } from '../../src/workflows/change-settings.js';
import type { WorkflowEvent } from '../../src/workflows/events.js';
import { Phases } from '../../src/workflows/phases.js';
import { prepareGuest } from '../../src/workflows/prepare-guest.js';
import { rebootAndRead } from '../../src/workflows/reboot-guest.js';
import { revertGuest } from '../../src/workflows/revert-guest.js';
import { answering, fixture } from '../kernel/guests.js';
import { Sandbox } from '../kernel/sandbox.js';

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
    record: async (state) => void states.push(state),
    rebooted: () => undefined,
  });
  return { sandbox, guest, facts, states, shown, events, context };
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

describe('a revert', () => {
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
  const target = {
    name: 'vm1',
    kind: 'ssh',
    console: { path: '/vms/vm1/console.log', lastLine: async () => 'Gave up waiting for root' },
  } as const;
  // It answers, and asks nothing of this machine.
  const guest = {
    ...answering('\ngclab-step 1\nresult done\ngclab-step end\n'),
    target,
    lost: AbortSignal.timeout(50),
  };
  await expect(rebootAndRead(guest, facts, context('a'))).rejects.toMatchObject({
    code: 'reboot-timeout',
    message: expect.stringMatching(
      /^vm1: waiting for the reboot: .* after 1 s; its console ends with: Gave up/,
    ),
    hint: 'see its console log, /vms/vm1/console.log',
  });
});
