import { expect, test } from 'vitest';
import { hostTarget, LOCAL, vmTarget } from '../src/inventory/targets.js';
import { targetFlags } from '../src/target-flags.js';

test('targets are named as they are on the command line', () => {
  expect(targetFlags(LOCAL)).toBe('--host local');
  expect(targetFlags(hostTarget('lab@vm1:2222'))).toBe('--host lab@vm1:2222');
  expect(
    targetFlags(vmTarget('demo', { host: 'x', user: null, port: null, configFile: '/vms/ssh_config' })),
  ).toBe('--vm demo');
  const [a, b] = [hostTarget('a', '/lab/config'), hostTarget('b', '/lab/config')];
  expect(targetFlags(a, b)).toBe('--host a --host b --ssh-config /lab/config');
});
