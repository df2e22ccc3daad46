import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { GclabError } from '../../../src/errors.js';
import { cleanFolder } from '../../../src/guest/clean.js';
import { type ApplyOptions, apply } from '../../../src/kernel/change/apply.js';
import { type BootState, bootState, nextEntry } from '../../../src/kernel/change/boot-state.js';
import { BOTH_OPTIONS, isEmpty, type Plan, plan } from '../../../src/kernel/change/plan/plan.js';
import { endLeftTrials, endTrial, planTrial, setTrial } from '../../../src/kernel/change/trial-boot.js';
import { planRevert, type RevertPlan, revert } from '../../../src/kernel/change/undo/revert.js';
import { probe } from '../../../src/kernel/facts/probe.js';
import type { Facts, Guest } from '../../../src/model.js';
import { reportPlan, reportRevert } from '../../../src/workflows/change/plan-report.js';
import { answering, fixture } from '../guests.js';
import { Sandbox } from '../sandbox.js';

const TIMEOUT = { timeoutMs: 60_000 };
const OPTIONS: ApplyOptions = { id: 'kernel-test', dpkgWaitMs: 1_000, ...TIMEOUT };
const DEFAULT = `GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="console=ttyS0 swapaccount=0"\n`;
const sandboxes: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of sandboxes.splice(0)) sandbox.remove();
});

interface Scene {
  readonly sandbox: Sandbox;
  readonly guest: Guest;
  readonly facts: Facts;
  state(): Promise<BootState>;
  plan(wanted?: Partial<Parameters<typeof plan>[2]>): Promise<Plan>;
  undo(): Promise<RevertPlan>;
  /** Every file but the ledger and logs. */
  files(): Readonly<Record<string, string | null>>;
}

const WATCHED = [
  'etc/default/grub',
  'etc/default/grub.d/50-cloud.cfg',
  'etc/default/grub.d/zzz-gclab.cfg',
  'boot/grub/grub.cfg',
  'boot/grub/custom.cfg',
];

/** A Debian 11 with swapaccount=0 on its line, as recorded, whose boot files are in a sandbox. */
async function scene(
  files: Readonly<Record<string, string>> = { 'etc/default/grub': DEFAULT },
): Promise<Scene> {
  const sandbox = new Sandbox(files);
  sandboxes.push(sandbox);
  const guest = await sandbox.guest();
  const facts = await probe(answering(fixture('debian11-5.10-hybrid-swapaccount0-root')), TIMEOUT);
  const made = await guest.exec(['grub-mkconfig']);
  expect(made.exitCode).toBe(0);
  const state = async () => await bootState(guest, TIMEOUT);
  return {
    sandbox,
    guest,
    facts,
    state,
    plan: async (wanted = {}) =>
      plan(facts, await state(), { options: BOTH_OPTIONS, force: false, editDefaultGrub: false, ...wanted }),
    undo: async () => planRevert(facts, await state()),
    files: () => Object.fromEntries(WATCHED.map((path) => [path, sandbox.read(path)])),
  };
}

async function failure(promise: Promise<unknown>): Promise<GclabError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GclabError);
  return error as GclabError;
}

describe('reading how a guest boots', () => {
  test('gives its files byte for byte, the next entry, and writes nothing', async () => {
    const text = `# gr\xfcn\r\n${DEFAULT}`;
    const { state, files } = await scene({ 'etc/default/grub': text });
    const before = files();
    const read = await state();
    expect(read.files.get('/etc/default/grub')?.content).toBe(text);
    expect(nextEntry(read.files)?.words).toContain('swapaccount=0');
    expect(read).toMatchObject({ readsDropIns: true, bootFs: 'ext2', bootAbstraction: null, changes: [] });
    expect(files()).toEqual(before);
  });
});

describe('what stands in the way of a reboot is read:', () => {
  test('who is logged in, and which updates wait for one', async () => {
    const { state, plan } = await scene({
      'etc/default/grub': DEFAULT,
      'bin/who': '#!/bin/sh\necho "ada      pts/0        2026-11-24 06:00 (10.0.2.2)"\n',
      'run/reboot-required': '*** System restart required ***\n',
      'run/reboot-required.pkgs': 'linux-image-x\ndbus\nlinux-image-x\n',
    });
    expect(await state()).toMatchObject({ rebootRequired: ['dbus', 'linux-image-x'] });
    const { notes } = reportPlan(await plan());
    expect(notes).toEqual([
      'logged in there: ada (pts/0)',
      'updates (dbus, linux-image-x) wait for a reboot as well: they take effect with this one',
    ]);
    expect(reportPlan(await plan())).toMatchObject({
      loggedIn: ['ada (pts/0)'],
      rebootRequired: ['dbus', 'linux-image-x'],
    });
  });

  test('no session without a terminal, such as the one that asks', async () => {
    const { state } = await scene({
      'etc/default/grub': DEFAULT,
      'bin/who':
        '#!/bin/sh\necho "lab      sshd         Nov 27 16:31 (10.0.2.2)"; echo "ada      tty1         Nov 27 16:31"\n',
    });
    expect(await state()).toMatchObject({ sessions: ['ada      tty1         Nov 27 16:31'] });
  });

  test('sessions of a system without utmp, the ones with a terminal', async () => {
    const { state } = await scene({
      'etc/default/grub': DEFAULT,
      'bin/who': '#!/bin/sh\n',
      'bin/loginctl':
        '#!/bin/sh\necho " 3 1000 ada - 812 user pts/0 no -"; echo " 4 1000 bob - 900 user - no -"; echo " 5 0 root seat0 tty1"\n',
      'run/x': '',
    });
    expect(await state()).toMatchObject({ sessions: ['ada pts/0', 'root tty1'], rebootRequired: null });
  });

  test('disks that are unlocked at boot, but no swap with a key of its own each time', async () => {
    const { state, plan } = await scene({
      'etc/default/grub': DEFAULT,
      'etc/crypttab': '# name device key\n\nswap /dev/vda3 /dev/urandom swap\nvda2_crypt UUID=x none luks\n',
    });
    expect(await state()).toMatchObject({ encrypted: ['vda2_crypt UUID=x none luks'] });
    expect((await plan()).refusal?.what).toContain('vda2_crypt');
    expect((await plan({ force: true })).refusal).toBeNull();
  });

  test('a root below which a disk was unlocked, without crypttab', async () => {
    const { plan } = await scene({
      'etc/default/grub': DEFAULT,
      'bin/lsblk': '#!/bin/sh\nprintf "vg-root lvm\\nluks-1 crypt\\nvda3 part\\nvda disk\\n"\n',
    });
    expect((await plan()).refusal).toMatchObject({
      what: expect.stringContaining('(luks-1)'),
      hint: expect.stringContaining('--force'),
    });
  });
});

describe('applying', () => {
  test('a drop-in takes out what contradicts and adds the option; the ledger has it; revert brings every byte back', async () => {
    const { guest, plan, state, files, sandbox, undo } = await scene();
    const before = files();
    await apply(guest, await plan(), OPTIONS);
    const words = nextEntry((await state()).files)?.words;
    expect(words).toEqual(['root=/dev/vda2', 'ro', 'swapaccount=1', 'console=ttyS0', 'quiet']);
    expect((await state()).changes).toMatchObject([{ id: 'kernel-test', applied: true }]);
    expect(sandbox.read('etc/default/grub')).toBe(DEFAULT);

    expect(await revert(guest, await undo(), OPTIONS)).toMatchObject({
      paths: ['/etc/default/grub.d/zzz-gclab.cfg'],
      next: expect.arrayContaining(['swapaccount=0']),
    });
    expect(files()).toEqual(before);
    expect((await state()).changes).toEqual([]);
  });

  test('an edit of /etc/default/grub changes the words alone, and in every file that sets them', async () => {
    const cloud = '# cloud\nGRUB_CMDLINE_LINUX_DEFAULT="console=tty1 swapaccount=0"\n';
    const { guest, plan, files, sandbox, undo } = await scene({
      'etc/default/grub': DEFAULT,
      'etc/default/grub.d/50-cloud.cfg': cloud,
    });
    const before = files();
    await apply(guest, await plan({ editDefaultGrub: true }), OPTIONS);
    expect(sandbox.read('etc/default/grub')).toBe(DEFAULT.replace('swapaccount=0', 'swapaccount=1'));
    expect(sandbox.read('etc/default/grub.d/50-cloud.cfg')).toBe(cloud.replace(' swapaccount=0', ''));
    await revert(guest, await undo(), OPTIONS);
    expect(files()).toEqual(before);
  });

  test('is an edit where grub-mkconfig reads no drop-ins', async () => {
    const { plan, sandbox } = await scene();
    const script = sandbox.read('bin/grub-mkconfig') as string;
    sandbox.write('bin/grub-mkconfig', script.replace(/^for x in .*$/m, ''));
    expect((await plan()).edits.map(({ path }) => path)).toEqual(['/etc/default/grub']);
  });

  test('once more has nothing to change, and only waits for the reboot', async () => {
    const { guest, plan } = await scene();
    await apply(guest, await plan(), OPTIONS);
    const again = await plan();
    expect(again).toMatchObject({ edits: [], regenerate: false, reboot: true });
    expect(isEmpty(again)).toBe(false);
  });

  test('when another file overrides it, everything is put back and the file is named', async () => {
    const later = 'GRUB_CMDLINE_LINUX="swapaccount=0"\n';
    const { guest, plan, files, state } = await scene({
      'etc/default/grub': DEFAULT,
      'etc/default/grub.d/50-cloud.cfg': later.replace('swapaccount=0', 'x'),
    });
    const before = files();
    const error = await failure(apply(guest, await plan({ editDefaultGrub: true }), OPTIONS));
    expect(error.code).toBe('options-overridden');
    expect(error.message).toContain('/etc/default/grub.d/50-cloud.cfg');
    expect(files()).toEqual(before);
    expect((await state()).changes).toEqual([]);
  });

  test('a drop-in that is read after ours and overrides it is named', async () => {
    const path = 'etc/default/grub.d/zzzz-last.cfg';
    const { guest, plan, files } = await scene({
      'etc/default/grub': DEFAULT,
      'etc/default/grub.d/50-cloud.cfg': 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX x"\n',
      [path]: 'GRUB_CMDLINE_LINUX="quiet swapaccount=0"\n',
    });
    const before = files();
    const error = await failure(apply(guest, await plan(), OPTIONS));
    expect(error).toMatchObject({ code: 'options-overridden', hint: expect.stringContaining(`/${path}`) });
    expect(error.message).toContain(`lacks swapaccount=1 and has swapaccount=0: /${path} overrides it`);
    expect(files()).toEqual(before);
  });

  test('when update-grub fails, everything is put back and its words are told', async () => {
    const { guest, plan, files, sandbox } = await scene();
    const before = files();
    sandbox.write('boot/fail', '');
    const error = await failure(apply(guest, await plan(), OPTIONS));
    expect(error).toMatchObject({ code: 'change-failed' });
    expect(error.message).toContain('the disk caught fire');
    expect(files()).toEqual(before);
  });

  test('a full /boot is noticed before anything there is touched', async () => {
    const { guest, plan, files, sandbox } = await scene();
    const before = files();
    sandbox.write('boot-size', '32k');
    const error = await failure(apply(guest, await plan(), OPTIONS));
    expect(error.message).toContain('no room for a new grub.cfg');
    expect(files()).toEqual(before);
  });

  test('an update-grub that knows no -o does not change what boots before the check', async () => {
    const { guest, plan, sandbox, state } = await scene();
    sandbox.write('bin/update-grub', '#!/bin/sh\nexec grub-mkconfig -o /boot/grub/grub.cfg\n');
    await apply(guest, await plan(), OPTIONS);
    expect(nextEntry((await state()).files)?.words).toContain('swapaccount=1');
  });

  test('stops where a file is not what the plan saw', async () => {
    const { guest, plan, sandbox, files } = await scene();
    const planned = await plan({ editDefaultGrub: true });
    sandbox.write('etc/default/grub', `${DEFAULT}GRUB_TIMEOUT=9\n`);
    const before = files();
    expect((await failure(apply(guest, planned, OPTIONS))).code).toBe('changed-since');
    expect(files()).toEqual(before);
  });

  test('keeps out of the way of dpkg', async () => {
    const { guest, plan, files, sandbox } = await scene();
    sandbox.write('var/lib/dpkg/lock-frontend', '');
    const before = files();
    const holder = spawn('perl', [
      '-MFcntl',
      '-e',
      LOCK,
      join(sandbox.root, 'var/lib/dpkg/lock-frontend'),
      '60',
    ]);
    onTestFinished(() => void holder.kill());
    await once(holder.stdout, 'data');
    const planned = await plan();
    expect(planned.notes.join()).toContain(`process ${holder.pid}`);
    const error = await failure(apply(guest, planned, OPTIONS));
    expect(error).toMatchObject({ code: 'guest-busy' });
    expect(error.message).toContain(`process ${holder.pid}`);
    expect(files()).toEqual(before);
  });

  test('keeps dpkg out while grub.cfg is made, and lets go of it when that is done', async () => {
    const { guest, plan, sandbox, files, undo } = await scene();
    const before = files();
    for (const lock of LOCKS) sandbox.write(lock, '');
    // Says which lock is free to be taken, by the same means as dpkg.
    sandbox.write('bin/try-lock', `#!/usr/bin/perl\nuse Fcntl;\n${LOCK}`);
    const tries = LOCKS.map((lock) => `try-lock /${lock} 0 || echo taken`);
    sandbox.write(
      'bin/update-grub',
      `#!/bin/sh\n{ ${tries.join('; ')}; } >>/boot/tried 2>/dev/null\nexec grub-mkconfig -o /boot/grub/grub.cfg "$@"\n`,
    );
    const tryHere = async () => (await guest.exec(['sh', '-c', tries.join('; ')])).stdout;
    expect(await tryHere()).toBe('held\nheld\n');
    await apply(guest, await plan(), OPTIONS);
    expect(sandbox.read('boot/tried')).toBe('taken\ntaken\n');
    await apply(guest, await plan(), OPTIONS);
    await revert(guest, await undo(), OPTIONS);
    expect(sandbox.read('boot/tried')).toBe('taken\n'.repeat(4));
    expect(files()).toEqual(before);
    await expect.poll(tryHere).toBe('held\nheld\n');
  });

  test('keeps out a dpkg that never ran there before, and so has no files to lock yet', async () => {
    const { guest, plan, sandbox } = await scene();
    sandbox.write(
      'bin/update-grub',
      `#!/bin/sh\nfor f in ${LOCKS.join(' ')}; do stat -c %a /$f; done >/boot/tried\nexec grub-mkconfig -o /boot/grub/grub.cfg "$@"\n`,
    );
    await apply(guest, await plan(), OPTIONS);
    expect(sandbox.read('boot/tried')).toBe('640\n640\n');
  });

  test('only waits for dpkg where perl cannot take locks', async () => {
    const { guest, plan, sandbox, state } = await scene();
    for (const lock of LOCKS) sandbox.write(lock, '');
    sandbox.write('bin/perl', '#!/bin/sh\nexit 2\n');
    await apply(guest, await plan(), OPTIONS);
    expect((await state()).changes).toMatchObject([{ applied: true }]);
  });

  test('does not put its grub.cfg over one that was made since', async () => {
    const { guest, plan, sandbox, state } = await scene();
    const script = sandbox.read('bin/grub-script-check') as string;
    // After the new one is made, and before it is looked at: a kernel goes.
    sandbox.write(
      'bin/grub-script-check',
      `${script}sleep 0.1; sed -i s/vmlinuz/vmlinuz-2/ /boot/grub/grub.cfg\n`,
    );
    const error = await failure(apply(guest, await plan(), OPTIONS));
    expect(error).toMatchObject({
      code: 'changed-since',
      message: expect.stringContaining('/boot/grub/grub.cfg'),
    });
    expect(sandbox.read('boot/grub/grub.cfg')).toContain('vmlinuz-2');
    expect((await state()).changes).toMatchObject([{ applied: false }]);
  });

  const LOCKS = ['var/lib/dpkg/lock-frontend', 'var/lib/dpkg/lock'];
  /** A POSIX record lock, as dpkg takes it: struct flock by Perl's pack, as laid out on 64-bit Linux. */
  const LOCK = `open(my $f, '+<', $ARGV[0]) or die; my $l = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0);
    fcntl($f, F_SETLK, $l) or die $!; $| = 1; print "held\\n"; sleep $ARGV[1]`;

  test('a change cut before its end can be undone, and is told of', async () => {
    const { guest, plan, files, sandbox, state, undo } = await scene();
    const before = files();
    sandbox.write('bin/update-grub', '#!/bin/sh\nkill -KILL $PPID\n');
    expect((await failure(apply(guest, await plan(), OPTIONS))).code).toBe('guest-answer');
    sandbox.write('bin/update-grub', '#!/bin/sh\nexec grub-mkconfig -o /boot/grub/grub.cfg "$@"\n');
    const cut = await plan();
    expect(cut.notes.join()).toContain('not seen through');
    expect(cut).toMatchObject({ edits: [], regenerate: true });
    expect(nextEntry((await state()).files)?.words).toContain('swapaccount=0');

    await apply(guest, cut, { ...OPTIONS, id: 'kernel-again' });
    expect(nextEntry((await state()).files)?.words).toContain('swapaccount=1');
    await revert(guest, await undo(), OPTIONS);
    expect(files()).toEqual(before);
  });
});

describe('reverting', () => {
  test('leaves what someone else edited since, and says so', async () => {
    const { guest, plan, sandbox, undo } = await scene();
    await apply(guest, await plan({ editDefaultGrub: true }), OPTIONS);
    sandbox.write('etc/default/grub', `${sandbox.read('etc/default/grub')}GRUB_TIMEOUT=9\n`);
    const error = await failure(revert(guest, await undo(), OPTIONS));
    expect(error).toMatchObject({ code: 'changed-since' });
    expect(sandbox.read('etc/default/grub')).toContain('GRUB_TIMEOUT=9');
  });

  test('is planned: what each file becomes again, and the last change first', async () => {
    const { guest, plan, undo, sandbox, state, files } = await scene();
    const before = files();
    await apply(guest, await plan({ editDefaultGrub: true }), OPTIONS);
    const planned = await undo();
    expect(planned).toMatchObject({
      edits: [
        {
          path: '/etc/default/grub',
          before: sandbox.read('etc/default/grub'),
          after: DEFAULT,
          why: 'as it was before kernel-test changed it',
        },
      ],
      regenerate: true,
      refusal: null,
    });
    expect(planned.reasons).toEqual([
      expect.stringMatching(/^kernel-test changed the kernel options at 20[-\dT:]+Z$/),
    ]);
    const [edit] = reportRevert(planned).edits;
    expect(edit?.diff).toContain('\n-GRUB_CMDLINE_LINUX="console=ttyS0 swapaccount=1"\n');
    expect(edit?.diff).toContain('\n+GRUB_CMDLINE_LINUX="console=ttyS0 swapaccount=0"\n');
    await revert(guest, planned, OPTIONS);
    expect(files()).toEqual(before);
    expect(await state()).toMatchObject({ changes: [], backups: [] });
  });

  test('of two changes of one file ends with what was there before the first', async () => {
    const { guest, plan, undo, sandbox, files } = await scene({ 'etc/default/grub': `${DEFAULT}# one\n` });
    const before = files();
    await apply(guest, await plan({ editDefaultGrub: true }), OPTIONS);
    const first = await plan({ editDefaultGrub: true });
    const [file] = [...first.state.files.values()].filter(({ path }) => path === '/etc/default/grub');
    const edit = { path: '/etc/default/grub', before: file?.content ?? '', after: '# two\n', why: '' };
    await apply(guest, { ...first, edits: [edit], regenerate: false }, { ...OPTIONS, id: 'second' });
    expect((await undo()).edits).toMatchObject([{ before: '# two\n', after: `${DEFAULT}# one\n` }]);
    expect(sandbox.read('etc/default/grub')).toBe('# two\n');
    await revert(guest, await undo(), OPTIONS);
    expect(files()).toEqual(before);
  });

  test('is refused by its plan where someone else edited a file since, or a backup is gone', async () => {
    const { guest, plan, undo, sandbox } = await scene();
    await apply(guest, await plan({ editDefaultGrub: true }), OPTIONS);
    const ours = sandbox.read('etc/default/grub') as string;
    sandbox.write('etc/default/grub', `${ours}GRUB_TIMEOUT=9\n`);
    expect((await undo()).refusal?.what).toContain('/etc/default/grub is not what gclab made of it');
    sandbox.write('etc/default/grub', ours);
    expect((await undo()).refusal).toBeNull();
    sandbox.write('var/lib/gclab/backup/kernel-options/kernel-test/1', 'another');
    expect((await undo()).refusal?.what).toBe('the backup of /etc/default/grub is gone');
  });

  test('of a trial boot alone makes no new grub.cfg', async () => {
    const { guest, plan, state, undo, files } = await scene();
    const before = files();
    await setTrial(guest, planTrial(await state(), (await plan()).aim, 'x'), OPTIONS);
    const planned = await undo();
    expect(planned).toMatchObject({
      regenerate: false,
      edits: [{ path: '/boot/grub/custom.cfg', after: null }],
    });
    await revert(guest, planned, OPTIONS);
    expect(files()).toEqual(before);
  });

  test('with nothing in the ledger does nothing', async () => {
    const { guest, files, undo } = await scene();
    const before = files();
    expect(await revert(guest, await undo(), OPTIONS)).toMatchObject({ paths: [] });
    expect(files()).toEqual(before);
  });
});

test('a trial entry is chosen for one boot, keeps the default entry but for the words, and goes again', async () => {
  const { guest, plan, state, sandbox, files } = await scene({
    'etc/default/grub': DEFAULT,
    'boot/grub/custom.cfg': '# mine',
  });
  const before = files();
  const trial = planTrial(await state(), (await plan()).aim, 'kernel-test');
  await setTrial(guest, trial, OPTIONS);
  expect(sandbox.read('boot/grub/grubenv')).toBe('next_entry=gclab-trial\n');
  const custom = sandbox.read('boot/grub/custom.cfg') as string;
  expect(custom).toMatch(/^# mine\nmenuentry .* --id gclab-trial \{\n/);
  expect(custom).toContain(
    '/boot/vmlinuz root=/dev/vda2 ro console=ttyS0 quiet swapaccount=1 panic=30 gclab.trial=kernel-test\n',
  );
  await endTrial(guest, trial, OPTIONS);
  expect(files()).toEqual(before);
  expect(sandbox.read('boot/grub/grubenv')).toBe('');
});

test('trials that nobody saw the end of are taken away, the last one first', async () => {
  const { guest, plan, state, sandbox, files } = await scene({
    'etc/default/grub': DEFAULT,
    'boot/grub/custom.cfg': '# mine\n',
  });
  const before = files();
  const { aim } = await plan();
  const one = planTrial(await state(), aim, 'one');
  await setTrial(guest, one, OPTIONS);
  // The next is planned as if that were gone already; an older gclab set its own behind it.
  const after = `${one.edit.after}${one.edit.after?.slice('# mine\n'.length)}`;
  await setTrial(guest, { id: 'two', edit: { ...one.edit, before: one.edit.after, after } }, OPTIONS);
  expect(sandbox.read('boot/grub/custom.cfg')?.match(/--id gclab-trial/g)).toHaveLength(2);
  expect(planTrial(await state(), aim, 'three').edit.before).toBe('# mine\n');
  await endLeftTrials(guest, await state(), OPTIONS);
  expect(files()).toEqual(before);
  expect((await state()).changes).toEqual([]);
});

test('cmdline.txt of a Raspberry Pi is edited without GRUB, and put back byte for byte', async () => {
  const before =
    'console=serial0,115200 root=PARTUUID=4e639091-02 cgroup_disable=memory rootwait\r\n# mine\n';
  const { guest, state, sandbox, undo } = await scene({
    'etc/default/grub': DEFAULT,
    'boot/firmware/cmdline.txt': before,
    'boot/cmdline.txt': 'DO NOT EDIT THIS FILE\n',
  });
  const pi = await probe(answering(fixture('raspberry-pi-6.6')), TIMEOUT);
  const planned = plan(pi, await state(), { options: BOTH_OPTIONS, force: false, editDefaultGrub: false });
  await apply(guest, planned, OPTIONS);
  expect(sandbox.read('boot/firmware/cmdline.txt')).toBe(
    'console=serial0,115200 root=PARTUUID=4e639091-02 rootwait cgroup_enable=memory\r\n# mine\n',
  );
  expect((await state()).changes).toMatchObject([{ applied: true }]);
  await revert(guest, await undo(), OPTIONS);
  expect(sandbox.read('boot/firmware/cmdline.txt')).toBe(before);
  expect((await state()).changes).toEqual([]);
});

test('clean leaves what prepare changed, says which command undoes it, and revert still can', async () => {
  const { guest, plan, files, sandbox, undo } = await scene();
  const before = files();
  await apply(guest, await plan(), OPTIONS);
  const { kept } = await cleanFolder(guest, '/var/lib/gclab', new AbortController().signal);
  expect(kept).toEqual([
    'the kernel options that kernel-test changed: gclab remote revert --host local undoes that',
  ]);
  await revert(guest, await undo(), OPTIONS);
  expect(files()).toEqual(before);
  expect(sandbox.read('var/lib/gclab/ledger.ndjson')).toBeNull();
});

test('clean says of a trial boot and of what a newer gclab made that it is left, and leaves it', async () => {
  const { guest, plan, state, sandbox } = await scene();
  await setTrial(guest, planTrial(await state(), (await plan()).aim, 'x'), OPTIONS);
  const newer =
    '{"schema":1,"at":"2026-11-24T06:00:00Z","action":"make","kind":"lease","id":"y","path":"/run/lease"}\n';
  sandbox.write('var/lib/gclab/ledger.ndjson', `${sandbox.read('var/lib/gclab/ledger.ndjson')}${newer}`);
  const { kept } = await cleanFolder(guest, '/var/lib/gclab', new AbortController().signal);
  expect(kept).toEqual([
    'the trial boot that x chose: gclab remote revert --host local undoes that',
    'lease y, which only a newer gclab knows how to undo',
  ]);
  expect(sandbox.read('var/lib/gclab/ledger.ndjson')).toContain(newer);
  expect((await state()).changes).toMatchObject([{ kind: 'trial-boot', id: 'x' }]);
});

/** What the scripts write with. Together they fail once, at one call of all. */
const WRITERS = ['mkdir', 'chmod', 'cp', 'mv', 'base64', 'rm', 'rmdir', 'sync'];

function failAt(sandbox: Sandbox, call: number | null): void {
  sandbox.write('calls', '');
  for (const program of WRITERS) {
    const count = `echo x >>${sandbox.root}/calls; [ "$(wc -l <${sandbox.root}/calls)" -ne ${call} ] || exit 1\n`;
    sandbox.write(`bin/${program}`, `#!/bin/sh\n${call === null ? '' : count}exec /bin/${program} "$@"\n`);
  }
}

describe('whichever write fails,', () => {
  test('what a change says of the guest is what is on its disk, and revert brings every byte back', async () => {
    const { guest, plan, undo, state, sandbox, files } = await scene();
    const clean = { files: files(), gclab: sandbox.list('var/lib/gclab') };
    const seen: string[] = [];
    for (let call = 1; ; call++) {
      const planned = await plan({ editDefaultGrub: true });
      failAt(sandbox, call);
      const error = await apply(guest, planned, OPTIONS).then(
        () => null,
        (reason: unknown) => reason as GclabError,
      );
      const calls = (sandbox.read('calls') ?? '').split('\n').length - 1;
      failAt(sandbox, null);
      const { changes } = await state();
      if (error !== null) {
        expect(error, String(error)).toBeInstanceOf(GclabError);
        seen.push(error.code);
        if (error.message.includes('was put back')) expect(changes, error.message).toEqual([]);
        if (changes.length === 0) expect(files(), error.message).toEqual(clean.files);
      }
      if (changes.length > 0) await revert(guest, await undo(), OPTIONS);
      expect(files(), `call ${call}`).toEqual(clean.files);
      expect(sandbox.list('var/lib/gclab'), `call ${call}`).toEqual(clean.gclab);
      if (calls < call) break;
    }
    expect(new Set(seen)).toEqual(new Set(['no-space', 'change-failed']));
  }, 300_000);
});

test('a grub.cfg that cannot be replaced is said, and nothing is said to be put back that was not', async () => {
  const { guest, plan, state, sandbox, files, undo } = await scene();
  const before = files();
  sandbox.write(
    'bin/mv',
    '#!/bin/sh\ncase $* in *" /boot/grub/grub.cfg") exit 1 ;; esac\nexec /bin/mv "$@"\n',
  );
  const { message } = await failure(apply(guest, await plan(), OPTIONS));
  expect(message).toContain('/boot/grub/grub.cfg could not be written; not everything is as it was before');
  expect((await state()).changes).toMatchObject([{ applied: false }]);
  sandbox.write('bin/mv', '#!/bin/sh\nexec /bin/mv "$@"\n');
  await revert(guest, await undo(), OPTIONS);
  expect(files()).toEqual(before);
});

test('an old grub.cfg that cannot take its place again is kept, and said to be missing there', async () => {
  const { guest, plan, sandbox, files, undo } = await scene();
  const before = files();
  sandbox.write('bin/update-grub', '#!/bin/sh\nexec grub-mkconfig -o /boot/grub/grub.cfg\n');
  sandbox.write(
    'bin/mv',
    '#!/bin/sh\ncase $* in *" /boot/grub/grub.cfg") exit 1 ;; esac\nexec /bin/mv "$@"\n',
  );
  const { message } = await failure(apply(guest, await plan(), OPTIONS));
  expect(message).toContain('update-grub failed; not everything is as it was before');
  expect(sandbox.read('boot/grub/grub.cfg.gclab-old')).toBe(before['boot/grub/grub.cfg']);
  sandbox.write('bin/mv', '#!/bin/sh\nexec /bin/mv "$@"\n');
  await revert(guest, await undo(), OPTIONS);
  expect([files(), sandbox.list('boot/grub').filter((name) => name.includes('gclab'))]).toEqual([before, []]);
});

test('a grub.cfg that stays unwritable keeps no revert from ending where it needs no other', async () => {
  const { guest, plan, sandbox, files, undo } = await scene();
  const before = files();
  sandbox.write(
    'bin/mv',
    '#!/bin/sh\ncase $* in *" /boot/grub/grub.cfg") exit 1 ;; esac\nexec /bin/mv "$@"\n',
  );
  await failure(apply(guest, await plan(), OPTIONS));
  await revert(guest, await undo(), OPTIONS);
  expect([files(), sandbox.list('boot/grub').filter((name) => name.includes('gclab'))]).toEqual([before, []]);
});
