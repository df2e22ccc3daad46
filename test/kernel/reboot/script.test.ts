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

test('where systemd refuses, what it said is told, once', async () => {
  const sandbox = new Sandbox({ 'run/systemd/system/.keep': '' });
  onTestFinished(() => sandbox.remove());
  const { root } = sandbox;
  sandbox.write(
    'bin/systemd-run',
    `#!/bin/sh\nwhile [ "\${1#-}" != "$1" ]; do shift; done\n"$@" >"${root}/journal" 2>&1 || : >"${root}/failed"\n`,
  );
  sandbox.write(
    'bin/systemctl',
    `#!/bin/sh
case $1 in
  reboot) echo "$SYSTEMCTL_SKIP_AUTO_KEXEC: Operation denied due to active block inhibitor"; exit 1 ;;
  is-failed) [ -e "${root}/failed" ] ;;
  reset-failed) rm -f "${root}/failed" ;;
esac
`,
  );
  sandbox.write('bin/journalctl', `#!/bin/sh\ncat "${root}/journal"\n`);
  const guest = await sandbox.guest();
  const step = { doing: 'rebooting', timeoutMs: 20_000 } as const;
  await runStep(guest, { name: 'reboot', ...step });
  await expect(runStep(guest, { name: 'reboot-answer', ...step })).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('refused to reboot: 1: Operation denied due to active block inhibitor'),
  });
  await runStep(guest, { name: 'reboot-answer', ...step });
});
