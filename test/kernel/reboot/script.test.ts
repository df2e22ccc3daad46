import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runStep } from '../../../src/kernel/change/step.js';
import { Sandbox } from '../sandbox.js';

test('where systemd does not run, the guest reboots by reboot(8), once', async () => {
  // Its own /run has no systemd, and its reboot is first in PATH.
  const sandbox = new Sandbox({ 'run/.keep': '' });
  onTestFinished(() => sandbox.remove());
  sandbox.write('bin/reboot', `#!/bin/sh\necho rebooted >>"${sandbox.root}/said"\n`);
  const guest = await sandbox.guest();
  await runStep(guest, { name: 'reboot', doing: 'rebooting', timeoutMs: 20_000 });
  while (sandbox.read('said') === null) await sleep(50);
  await sleep(500);
  expect(sandbox.read('said')).toBe('rebooted\n');
});
