import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { vmTarget } from '../../src/inventory/targets.js';
import { bootState } from '../../src/kernel/change/boot-state.js';
import { endTrial, isTrialBoot, planTrial, setTrial } from '../../src/kernel/change/trial-boot.js';
import { probe } from '../../src/kernel/facts/probe.js';
import { reboot } from '../../src/kernel/reboot/reboot.js';
import type { Guest } from '../../src/model.js';
import type { ChangeDocument } from '../../src/results/change-folder.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import { connect } from '../../src/transport/connect.js';
import { bootId, home, json, MINUTES, on, only, startVm, sums } from './support.js';

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

  test('is driven by its name, and so is what somebody started there', { timeout: 5 * MINUTES }, async () => {
    const driven = await json<{ runs: readonly RunDocument[] }>('remote', 'drive', '--vm', vm);
    expect(driven.runs[0]?.targets[0]).toMatchObject({
      source: { kind: 'vm', vm },
      verdict: { kind: 'survived' },
    });
    const program = '/var/lib/gclab/bin/gcexp-* -interactive -listen 127.0.0.1:1112';
    const listens = 'until grep -q listening /tmp/by-hand; do sleep 0.1; done';
    await on(vm, `sudo sh -c 'nohup ${program} >/tmp/by-hand 2>&1 & ${listens}'`);
    const visited = await json<{ runs: readonly RunDocument[] }>('remote', 'drive', '--attach', '--vm', vm);
    expect(visited).toMatchObject({ runs: [], exitCode: 0 });
    await on(vm, "sudo pkill -INT -f '[g]cexp-.* -interactive'");
  });

  test('comes back by itself from a trial boot that panics', { timeout: 20 * MINUTES }, async () => {
    const dial = async (signal?: AbortSignal): Promise<Guest> => {
      const config = join(home, 'vms', vm, 'ssh_config');
      const settings = { acceptNew: false, connectTimeoutMs: 60_000, keepaliveMs: 10_000, env: process.env };
      const guest = await connect(
        vmTarget(vm, { host: vm, user: null, port: null, configFile: config }),
        signal === undefined ? settings : { ...settings, signal },
      );
      guest.setPrivilege('sudo');
      return guest;
    };
    const guest = await dial();
    const facts = await probe(guest, { timeoutMs: MINUTES });
    const state = await bootState(guest, { timeoutMs: MINUTES });
    const options = { timeoutMs: 5 * MINUTES, dpkgWaitMs: MINUTES };
    const aim = { add: ['swapaccount=1'], unset: ['swapaccount=1'] } as const;
    // No such root: the initramfs gives up and panics, and the kernel reboots.
    const trial = planTrial(state, aim, 'panic', ['root=/dev/nonesuch', 'rootdelay=1']);
    await setTrial(guest, trial, options);
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
