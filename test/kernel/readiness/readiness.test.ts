import { describe, expect, test } from 'vitest';
import { probe } from '../../../src/kernel/facts/probe.js';
import { limitObstacle } from '../../../src/kernel/readiness/limit.js';
import { readiness } from '../../../src/kernel/readiness/readiness.js';
import type { Facts } from '../../../src/model.js';
import { answering, fixture } from '../guests.js';

async function factsOf(name: string): Promise<Facts> {
  return await probe(answering(fixture(name)), { timeoutMs: 1_000 });
}

/** hierarchy, the two options, and the remedies of what stands in the way. */
const EXPECTED: Readonly<Record<string, readonly [string, string, string, string]>> = {
  'host-6.18-hybrid-root': ['hybrid', 'obsolete', 'obsolete', 'ready'],
  'debian11-5.10-hybrid-swapaccount0-root': ['hybrid', 'obsolete', 'missing', 'prepare'],
  'debian11-5.10-hybrid-swapaccount0-sudo': ['hybrid', 'obsolete', 'missing', 'prepare'],
  'debian11-5.10-hybrid-swapaccount0-plain': ['hybrid', 'obsolete', 'missing', 'user prepare'],
  'debian11-5.10-v2-swapaccount0-root': ['v2', 'obsolete', 'missing', 'prepare'],
  'debian11-5.10-v2-swapaccount0-plain': ['v2', 'obsolete', 'missing', 'prepare'],
  'debian12-6.1-v2-root': ['v2', 'obsolete', 'obsolete', 'ready'],
  'debian12-6.1-v2-sudo': ['v2', 'obsolete', 'obsolete', 'ready'],
  'debian12-6.1-v2-plain': ['v2', 'obsolete', 'obsolete', 'ready'],
  'debian13-6.12-v2-root': ['v2', 'obsolete', 'obsolete', 'ready'],
  'debian13-6.12-v2-plain': ['v2', 'obsolete', 'obsolete', 'ready'],
  'ubuntu16.04-4.4': ['v1', 'obsolete', 'missing', 'prepare'],
  'ubuntu18.04-4.15': ['hybrid', 'obsolete', 'missing', 'prepare'],
  'ubuntu18.04-4.15-swapaccount': ['hybrid', 'obsolete', 'present', 'ready'],
  'ubuntu20.04-5.4': ['hybrid', 'obsolete', 'missing', 'prepare'],
  'ubuntu20.04-5.4-v2': ['v2', 'obsolete', 'missing', 'prepare'],
  'ubuntu20.04-5.15-hwe': ['hybrid', 'obsolete', 'effective', 'ready'],
  'ubuntu22.04-5.15': ['v2', 'obsolete', 'effective', 'ready'],
  'ubuntu22.04-5.15-cgroup-disable': ['v2', 'impossible', 'effective', 'prepare'],
  'ubuntu24.04-6.8': ['v2', 'obsolete', 'obsolete', 'ready'],
  'ubuntu26.04-7.0': ['v2', 'obsolete', 'obsolete', 'ready'],
  'ubuntu-core-22': ['v2', 'obsolete', 'missing', 'user'],
  'debian10-4.19': ['hybrid', 'obsolete', 'missing', 'prepare'],
  'debian8-3.16': ['v1', 'missing', 'missing', 'prepare'],
  'debian12-6.1-memory-not-enabled': ['v2', 'obsolete', 'obsolete', 'ready'],
  'debian12-no-swap-limit-6.1': ['v2', 'obsolete', 'impossible', 'never'],
  'fedora42-6.14': ['v2', 'obsolete', 'obsolete', 'ready'],
  'rhel8-4.18-grubby': ['v1', 'obsolete', 'missing', 'user'],
  'arch-6.12-systemd-boot': ['v2', 'impossible', 'obsolete', 'user'],
  'raspberry-pi-6.6': ['v2', 'missing', 'obsolete', 'prepare'],
  'raspberry-pi-6.6-enabled': ['v2', 'present', 'obsolete', 'ready'],
  'alpine3.22-6.12': ['v2', 'obsolete', 'obsolete', 'ready'],
  'alpine3.22-no-cgroups': ['none', 'impossible', 'obsolete', 'user'],
  'docker-read-only': ['v2', 'obsolete', 'obsolete', 'user'],
  'lxc-5.4-hybrid': ['hybrid', 'obsolete', 'missing', 'never'],
  'wsl2-5.15': ['hybrid', 'obsolete', 'missing', 'user'],
  'macos-15': ['none', 'impossible', 'impossible', 'never'],
  'freebsd-14': ['none', 'impossible', 'impossible', 'never'],
  'openbsd-7.6': ['none', 'impossible', 'impossible', 'never'],
};

describe('readiness of', () => {
  test.each(Object.entries(EXPECTED))('%s', async (name, [hierarchy, enable, swap, remedies]) => {
    const found = readiness(await factsOf(name));
    expect({
      hierarchy: found.cgroup,
      'cgroup_enable=memory': found.options['cgroup_enable=memory'].state,
      'swapaccount=1': found.options['swapaccount=1'].state,
      remedies: found.obstacles.map(({ remedy }) => remedy).join(' ') || 'ready',
    }).toEqual({ hierarchy, 'cgroup_enable=memory': enable, 'swapaccount=1': swap, remedies });
    expect(found.ready).toBe(remedies === 'ready');
  });
});

describe('boot loaders', () => {
  test.each([
    ['debian12-6.1-v2-root', 'grub'],
    ['fedora42-6.14', 'grubby'],
    ['arch-6.12-systemd-boot', 'systemd-boot'],
    ['raspberry-pi-6.6', 'raspberry-pi'],
    ['ubuntu-core-22', 'ubuntu-core'],
    ['alpine3.22-6.12', 'unknown'],
    ['host-6.18-hybrid-root', 'none'],
  ])('%s is booted by %s', async (name, loader) => {
    expect((await factsOf(name)).bootLoader).toBe(loader);
  });
});

describe('the hints', () => {
  test('never offer to change the kernel of a container', async () => {
    const found = readiness(await factsOf('lxc-5.4-hybrid'));
    expect(found.obstacles.map(({ hint }) => hint).join()).toContain('container (lxc)');
  });

  test('name the way that fits the boot loader', async () => {
    const hint = async (name: string) => readiness(await factsOf(name)).obstacles[0]?.hint;
    expect(await hint('rhel8-4.18-grubby')).toContain('grubby --update-kernel');
    expect(await hint('wsl2-5.15')).toContain('.wslconfig');
    expect(await hint('ubuntu-core-22')).toContain('snap set system');
    expect(await hint('arch-6.12-systemd-boot')).toContain('/etc/kernel/cmdline');
  });

  test('an option without effect is not offered again', async () => {
    const state = readiness(await factsOf('debian12-no-swap-limit-6.1')).options['swapaccount=1'];
    expect(state).toMatchObject({ onCommandLine: true, state: 'impossible' });
  });

  test('a writable tree in which no cgroup can be made is not called read-only', async () => {
    const facts = await factsOf('debian12-6.1-v2-root');
    const refused = { ...facts, cgroup: { ...facts.cgroup, refused: 'mkdir: try again' } };
    const { ready, memoryLimit, obstacles } = readiness(refused);
    expect([ready, memoryLimit]).toEqual([false, false]);
    expect(obstacles).toMatchObject([
      {
        what: 'no cgroup can be made below /sys/fs/cgroup, which is not read-only: mkdir: try again',
        hint: expect.stringContaining('cgroup.max.descendants'),
      },
    ]);
  });

  test('someone who needs a password for sudo is told to let gclab ask', async () => {
    const found = readiness(await factsOf('debian11-5.10-hybrid-swapaccount0-plain'));
    expect(found.obstacles[0]?.hint).toContain('--ask-sudo-pass');
  });
});

test('a limit above the memory of the guest is an obstacle, one below is none', async () => {
  const facts = await factsOf('debian12-6.1-v2-root');
  expect(limitObstacle(facts, 2 ** 30)).toMatchObject({ remedy: 'user' });
  expect(limitObstacle(facts, 2 ** 25)).toBeNull();
});
