import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Deferred } from '../../../../src/concurrency/deferred.js';
import type { GuestFault } from '../../../../src/provider/qemu/monitor/fault.js';
import { GuestWatch } from '../../../../src/provider/qemu/monitor/watch.js';
import type { Ended } from '../../../../src/provider/qemu/process/launch.js';
import { vmFolder } from '../../../../src/provider/qemu/record.js';
import { scratch } from '../../support.js';
import { type FakeMonitor, fakeMonitor } from './fake-monitor.js';

const RUNS = { 'query-status': { status: 'running', running: true }, 'query-blockstats': [] };
const NO_NETWORK = [{ promiscuous: true, 'multicast-table': [] }];
const NETWORK = [{ promiscuous: false, 'multicast-table': ['01:00:5e:00:00:01'] }];
const EVER = new Promise<Ended>(() => undefined);

interface Guest {
  readonly folder: ReturnType<typeof vmFolder>;
  readonly monitor: FakeMonitor;
  readonly events: FakeMonitor;
  watch(changes?: { silenceMs?: number; ended?: Promise<Ended> }): Promise<GuestWatch>;
}

async function guest(answers: Record<string, unknown> = {}): Promise<Guest> {
  const folder = vmFolder(await scratch());
  const monitor = await fakeMonitor(folder.monitor, { ...RUNS, 'query-rx-filter': NO_NETWORK, ...answers });
  const events = await fakeMonitor(folder.events, {});
  return {
    folder,
    monitor,
    events,
    watch: async ({ silenceMs = 600_000, ended = EVER } = {}) => {
      const watch = new GuestWatch({
        name: 'vm1',
        folder,
        accelerator: 'kvm',
        consoleFrom: 0,
        silenceMs,
        ended,
      });
      onTestFinished(() => watch.release());
      await watch.begin();
      return watch;
    },
  };
}

async function faultOf(watch: GuestWatch): Promise<GuestFault> {
  if (!watch.failed.aborted) await once(watch.failed, 'abort');
  return watch.failed.reason as GuestFault;
}

test('a guest that QEMU has stopped before anybody listened is seen, with what QEMU said', async () => {
  const { folder, watch } = await guest({ 'query-status': { status: 'internal-error', running: false } });
  await writeFile(
    folder.log,
    'qemu-system-x86_64: warning: nested\nKVM internal error. Suberror: 1\nemulation failure\n',
  );
  expect(await faultOf(await watch())).toMatchObject({
    kind: 'stopped',
    blame: 'accelerator',
    code: 'vm-start',
    target: 'vm1',
    what: 'QEMU stopped the guest (internal-error: KVM internal error. Suberror: 1 · emulation failure); its console is empty',
    hint: expect.stringContaining(folder.log),
  });
});

test.each([
  ['paused', 'accelerator', 'vm-start'],
  ['guest-panicked', 'guest', 'vm-panicked'],
  ['io-error', null, 'vm-start'],
])('a guest that QEMU stops while it boots (%s) is seen by the event', async (status, blame, code) => {
  const { folder, monitor, events, watch } = await guest();
  await writeFile(folder.console, 'Loading Linux\r\n');
  const watching = await watch();
  monitor.answers['query-status'] = { status, running: false };
  events.tell('STOP');
  const fault = await faultOf(watching);
  expect([fault.blame, fault.code, fault.what]).toEqual([
    blame,
    code,
    `QEMU stopped the guest (${status}); its console ends with: Loading Linux`,
  ]);
});

test.each([
  ['the guest powers off', { guest: true, reason: 'guest-shutdown' }, 0, 'guest', 'the guest powered off'],
  [
    'somebody ends QEMU',
    { guest: false, reason: 'host-signal' },
    0,
    null,
    'QEMU was told to end (host-signal)',
  ],
  ['nobody heard why', undefined, 0, 'guest', 'the guest powered off'],
  ['QEMU is killed', undefined, 'SIGKILL', null, 'QEMU was killed, by somebody or for want of memory'],
  ['QEMU aborts', undefined, 'SIGABRT', 'accelerator', 'QEMU ended with SIGABRT: Assertion failed'],
  ['QEMU gives up', undefined, 1, 'accelerator', 'QEMU ended with exit code 1: Assertion failed'],
] as const)('when %s, that is told from the others', async (_how, shutdown, end, blame, what) => {
  const { folder, events, watch } = await guest();
  if (blame === 'accelerator') await writeFile(folder.log, 'qemu-system-x86_64: Assertion failed\n');
  const ended = new Deferred<Ended>();
  const watching = await watch({ ended: ended.promise });
  if (shutdown !== undefined) events.tell('SHUTDOWN', shutdown);
  await events.close();
  ended.resolve(typeof end === 'number' ? { exitCode: end, signal: null } : { exitCode: null, signal: end });
  expect(await faultOf(watching)).toMatchObject({
    blame,
    what: `${what}; its console is empty`,
    code: 'vm-start',
  });
});

test('a QEMU that was launched by another gclab is missed when its process is gone', async () => {
  const folder = vmFolder(await scratch());
  const watch = new GuestWatch({
    name: 'vm1',
    folder,
    accelerator: 'tcg',
    consoleFrom: 0,
    silenceMs: 600_000,
  });
  await watch.begin();
  expect(await faultOf(watch)).toMatchObject({ kind: 'qemu-ended', blame: null });
});

test('a guest that shows no sign of life is given up, and what was waited for is said', async () => {
  const { watch } = await guest();
  expect(await faultOf(await watch({ silenceMs: 1 }))).toMatchObject({
    kind: 'silent',
    blame: 'accelerator',
    code: 'vm-silent',
    exitCode: 4,
    what: 'the guest gave no sign of life (console, disk, network) for 0 s; its console is empty',
  });
});

test.each(['console', 'disk', 'network'])('a guest that shows life by its %s is waited for', async (sign) => {
  let looks = 0;
  const one = await guest();
  one.monitor.answers['query-status'] = () => {
    looks += 1;
    return { status: 'running', running: true };
  };
  if (sign === 'network') one.monitor.answers['query-rx-filter'] = NETWORK;
  if (sign === 'disk')
    one.monitor.answers['query-blockstats'] = () => [{ stats: { rd_operations: looks, wr_operations: 0 } }];
  if (sign === 'console') {
    one.monitor.answers['query-blockstats'] = () => {
      appendFileSync(one.folder.console, 'x');
      return [];
    };
    await writeFile(one.folder.console, 'x');
  }
  const watch = await one.watch({ silenceMs: 900 });
  while (looks < 4 && !watch.failed.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(watch.failed.aborted).toBe(false);
});

test('a QEMU that does not answer is given up as well', async () => {
  const { monitor, watch } = await guest();
  await monitor.close();
  expect(await faultOf(await watch({ silenceMs: 1 }))).toMatchObject({
    kind: 'silent',
    what: expect.stringMatching(/^QEMU did not answer its monitor for 0 s/),
  });
});

test('a guest that resets itself again and again gets nowhere; once or twice is how shim begins', async () => {
  const { events, watch } = await guest();
  const watching = await watch();
  for (let times = 0; times < 2; times += 1) events.tell('RESET', { guest: true, reason: 'guest-reset' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(watching.failed.aborted).toBe(false);
  for (let times = 0; times < 6; times += 1) events.tell('RESET', { guest: true, reason: 'guest-reset' });
  expect(await faultOf(watching)).toMatchObject({
    kind: 'resetting',
    blame: 'accelerator',
    code: 'vm-start',
  });
});

test('a kernel that gives up says so on the console, and no accelerator is blamed', async () => {
  const { folder, watch } = await guest();
  await writeFile(folder.console, '---[ end Kernel panic - not syncing: no init ]---\r\n');
  expect(await faultOf(await watch())).toMatchObject({
    kind: 'panicked',
    blame: 'guest',
    code: 'vm-panicked',
    what: 'Kernel panic - not syncing: no init',
  });
});
