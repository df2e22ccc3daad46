import { describe, expect, test } from 'vitest';
import { type BootFile, type BootState, nextEntry } from '../../../../src/kernel/change/boot-state.js';
import { diff } from '../../../../src/kernel/change/diff.js';
import { BOTH_OPTIONS, isEmpty, type Plan, plan } from '../../../../src/kernel/change/plan/plan.js';
import { trialEntry, trialObstacle } from '../../../../src/kernel/change/trial-boot.js';
import { verifyEffect } from '../../../../src/kernel/change/verify.js';
import { probe } from '../../../../src/kernel/facts/probe.js';
import { editCommandLine } from '../../../../src/kernel/grub/command-line-edit.js';
import type { Facts } from '../../../../src/model.js';
import { answering, fixture } from '../../guests.js';

const PROBLEM = 'debian11-5.10-hybrid-swapaccount0-root';
const factsOf = async (name: string): Promise<Facts> =>
  await probe(answering(fixture(name)), { timeoutMs: 1_000 });

function stateOf(files: Readonly<Record<string, string>>, more: Partial<BootState> = {}): BootState {
  const entries = Object.entries(files).map(([path, content]): [string, BootFile] => [
    path,
    { path, realPath: path, content },
  ]);
  return {
    files: new Map(entries),
    unread: [],
    tools: ['update-grub', 'grub-mkconfig', 'grub-reboot'],
    readsDropIns: true,
    bootFs: 'ext2',
    bootAbstraction: null,
    sessions: [],
    rebootRequired: null,
    dpkgHolder: null,
    encrypted: [],
    changes: [],
    backups: [],
    ...more,
  };
}

const grubConfig = (line: string) =>
  `load_env\nset default="0"\nset x="\${next_entry}"\nmenuentry 'Linux' {\n\tlinux /boot/vmlinuz root=x ro ${line}\n}\nsource $prefix/custom.cfg\n`;
const GRUB = (line: string) => ({
  '/etc/default/grub': `GRUB_CMDLINE_LINUX="${line}"\n`,
  '/boot/grub/grub.cfg': grubConfig(line),
  '/boot/grub/grubenv': '',
});

interface Ask {
  readonly state?: BootState;
  readonly force?: boolean;
}

async function planFor(
  name: string,
  { state = stateOf(GRUB('quiet')), force = false }: Ask = {},
): Promise<Plan> {
  return plan(await factsOf(name), state, { options: BOTH_OPTIONS, force, editDefaultGrub: false });
}

describe('a plan', () => {
  test.each([
    'debian12-6.1-v2-root',
    'debian13-6.12-v2-root',
    'ubuntu24.04-6.8',
    'ubuntu22.04-5.15',
    'raspberry-pi-6.6-enabled',
  ])('for %s is empty, and says why for each option', async (name) => {
    const empty = await planFor(name);
    expect(isEmpty(empty)).toBe(true);
    expect(empty.reasons.join('\n')).toMatch(
      /cgroup_enable=memory: nothing to do.*\nswapaccount=1: nothing to do/,
    );
  });

  test.each(['ubuntu18.04-4.15', 'ubuntu20.04-5.4', 'ubuntu16.04-4.4', 'debian10-4.19'])(
    'for %s adds swapaccount=1 alone',
    async (name) => {
      const { aim, edits, regenerate, reboot } = await planFor(name);
      expect({ aim, regenerate, reboot }).toEqual({
        aim: { add: ['swapaccount=1'], unset: ['swapaccount=1'] },
        regenerate: true,
        reboot: true,
      });
      expect(edits.map(({ path }) => path)).toEqual(['/etc/default/grub.d/zzz-gclab.cfg']);
    },
  );

  test('takes cgroup_disable=memory out, adds nothing the kernel does not know, and leaves the rest of the list', async () => {
    const line = 'cgroup_disable=cpu,memory';
    const { aim, edits } = await planFor('ubuntu22.04-5.15-cgroup-disable', { state: stateOf(GRUB(line)) });
    expect(aim).toEqual({ add: [], unset: ['cgroup_enable=memory'] });
    expect(edits[0]?.after).toContain('GRUB_CMDLINE_LINUX="cgroup_disable=cpu $GRUB_CMDLINE_LINUX"');
    expect(edits[0]?.why).toContain('takes out cgroup_disable=memory cgroup_disable=cpu,memory');
  });

  test('with --force writes both, even where nothing needs them', async () => {
    const { aim, edits } = await planFor('debian12-6.1-v2-root', { force: true });
    expect(aim.add).toEqual(BOTH_OPTIONS);
    expect(edits[0]?.after).toContain(BOTH_OPTIONS.join(' '));
  });

  test('keeps what an earlier drop-in of ours added', async () => {
    const earlier = 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX cgroup_enable=memory"\n';
    const state = stateOf({ ...GRUB('swapaccount=0'), '/etc/default/grub.d/zzz-gclab.cfg': earlier });
    expect((await planFor(PROBLEM, { state })).edits[0]?.after).toContain(
      '"cgroup_enable=memory swapaccount=1 $GRUB_CMDLINE_LINUX"',
    );
  });

  test('of a host that only lacks the reboot is the reboot', async () => {
    const state = stateOf(GRUB('swapaccount=1'));
    expect(await planFor(PROBLEM, { state })).toMatchObject({
      edits: [],
      regenerate: false,
      reboot: true,
      refusal: null,
    });
  });

  test('keeps what only this boot has, as after a trial, without another reboot', async () => {
    const lost = await planFor('ubuntu18.04-4.15-swapaccount', { state: stateOf(GRUB('quiet')) });
    expect(lost).toMatchObject({ aim: { add: ['swapaccount=1'] }, regenerate: true, reboot: false });
    expect(lost.edits[0]?.after).toContain('swapaccount=1');
    expect(lost.reasons.join()).toContain('swapaccount=1: to be added, it is present for this boot only');
    const state = stateOf(GRUB('swapaccount=1 cgroup_enable=memory'));
    expect(isEmpty(await planFor('ubuntu18.04-4.15-swapaccount', { state }))).toBe(true);
  });

  test.each([
    ['quiet', true],
    ['swapaccount=0', false],
  ])('of a kernel that would have it by itself after %s is empty: %s', async (line, empty) => {
    const facts = await factsOf('ubuntu22.04-5.15');
    const commandLine = `${facts.kernel.commandLine} swapaccount=1`;
    const wanted = { options: BOTH_OPTIONS, force: false, editDefaultGrub: false };
    const planned = plan({ ...facts, kernel: { ...facts.kernel, commandLine } }, stateOf(GRUB(line)), wanted);
    expect(isEmpty(planned)).toBe(empty);
  });

  test('tells who is logged in and what else waits', async () => {
    const state = stateOf(GRUB('quiet'), {
      sessions: ['ada pts/0 2026-11-24 06:00 (10.0.2.2)'],
      rebootRequired: ['linux-image', 'dbus'],
    });
    const { notes } = await planFor(PROBLEM, { state });
    expect(notes.join('\n')).toMatch(/ada \(pts\/0\)\n.*\(linux-image, dbus\) wait for a reboot as well/);
  });
});

test('a plan tells of an entry that somebody chose for the next boot', async () => {
  const state = stateOf({ ...GRUB('quiet'), '/boot/grub/grubenv': 'next_entry=windows\n' });
  expect((await planFor(PROBLEM, { state })).notes.join()).toContain('another entry (windows)');
});

describe('a refusal', () => {
  test.each([
    ['lxc-5.4-hybrid', 'container (lxc)', 'never'],
    ['wsl2-5.15', 'container (wsl)', 'user'],
    ['rhel8-4.18-grubby', 'booted by grubby', 'user'],
    ['ubuntu-core-22', 'booted by ubuntu-core', 'user'],
    ['arch-6.12-systemd-boot', 'booted by systemd-boot', 'user'],
  ])('of %s says: %s', async (name, what, remedy) => {
    const { refusal, edits } = await planFor(name);
    expect(refusal).toMatchObject({ what: expect.stringContaining(what), remedy });
    expect(edits).toEqual([]);
  });

  test.each([
    ['grubby', 'grubby --update-kernel'],
    ['systemd-boot', '/etc/kernel/cmdline'],
    ['u-boot', 'extlinux.conf'],
    ['zipl', '/etc/zipl.conf'],
    ['ubuntu-core', 'snap set system'],
    ['none', 'whatever starts this guest'],
    ['unknown', 'change the kernel command line there'],
  ] as const)('of what %s boots says how to do it there', async (bootLoader, how) => {
    const wanted = { options: BOTH_OPTIONS, force: true, editDefaultGrub: false };
    const { refusal, edits } = plan(
      { ...(await factsOf(PROBLEM)), bootLoader },
      stateOf(GRUB('quiet')),
      wanted,
    );
    expect(refusal).toMatchObject({ remedy: 'user', hint: expect.stringContaining(how) });
    expect(edits).toEqual([]);
  });

  test('of someone who may not become root', async () => {
    const facts = { ...(await factsOf(PROBLEM)), privilege: 'none' } as const;
    const wanted = { options: BOTH_OPTIONS, force: true, editDefaultGrub: false };
    expect(plan(facts, stateOf(GRUB('quiet')), wanted).refusal?.what).toContain('may not become root');
  });

  test('before disks that are unlocked at boot, unless forced', async () => {
    const state = stateOf(GRUB('quiet'), { encrypted: ['vda3_crypt UUID=x none luks'] });
    expect((await planFor(PROBLEM, { state })).refusal?.what).toContain('vda3_crypt');
    expect((await planFor(PROBLEM, { state, force: true })).refusal).toBeNull();
  });

  test('where the settings cannot be read without running them', async () => {
    const state = stateOf(
      { ...GRUB('quiet'), '/etc/default/grub': 'GRUB_CMDLINE_LINUX="a\n' },
      { readsDropIns: false },
    );
    expect((await planFor(PROBLEM, { state })).refusal?.what).toContain('cannot be read');
  });

  test('where files are not for this user', async () => {
    const state = stateOf(GRUB('quiet'), { unread: ['/boot/grub/grub.cfg'] });
    expect((await planFor(PROBLEM, { state })).refusal?.hint).toContain('--ask-sudo-pass');
  });
});

describe('a Raspberry Pi', () => {
  const line = 'console=serial0,115200 root=PARTUUID=4e639091-02 rootwait\n';

  test("has its cmdline.txt edited by token, the firmware's own words left alone", async () => {
    const state = stateOf({
      '/boot/firmware/cmdline.txt': line,
      '/boot/cmdline.txt': 'DO NOT EDIT THIS FILE\n',
    });
    const { edits, regenerate, reboot } = await planFor('raspberry-pi-6.6', { state });
    expect({ regenerate, reboot }).toEqual({ regenerate: false, reboot: true });
    expect(edits).toMatchObject([
      { path: '/boot/firmware/cmdline.txt', before: line, after: `${line.trimEnd()} cgroup_enable=memory\n` },
    ]);
  });

  test('loses what contradicts from its cmdline.txt, the rest of a list kept', async () => {
    const before = 'cgroup_disable=cpu,memory  quiet "a=b c" -- single\nmemory of old\n';
    const state = stateOf({ '/boot/firmware/cmdline.txt': before });
    const after = 'quiet "a=b c" cgroup_enable=memory cgroup_disable=cpu -- single\nmemory of old\n';
    expect((await planFor('raspberry-pi-6.6', { state })).edits).toMatchObject([{ before, after }]);
  });

  test('keeps everything behind the first line, and adds before --', () => {
    const edit = { add: ['a=1'], drop: ['b'] };
    expect(editCommandLine('x b -- b\r\n# old', edit)).toBe('x a=1 -- b\r\n# old'.replace(' -- b', ' --'));
    expect(editCommandLine('a=1 x\n', { add: ['a=1'], drop: [] })).toBe('a=1 x\n');
  });
});

describe('a trial', () => {
  const aim = { add: ['swapaccount=1'], unset: ['swapaccount=1'] } as const;

  test.each([
    [{ bootFs: 'btrfs' }, 'btrfs'],
    [{ bootFs: 'zfs' }, 'zfs'],
    [{ bootFs: null }, 'unknown file system'],
    [{ bootAbstraction: 'lvm' }, 'lvm'],
    [{ bootAbstraction: 'diskfilter mdraid1x' }, 'mdraid'],
    [{ bootAbstraction: 'cryptodisk luks' }, 'luks'],
    [{ tools: [] }, 'grub-reboot'],
  ])('is not offered where GRUB cannot forget it: %j', (more, why) => {
    expect(trialObstacle(stateOf(GRUB('quiet'), more))).toContain(why);
  });

  test.each([
    [{ '/boot/grub/grubenv': null }, 'grubenv'],
    [{ '/boot/grub/grub.cfg': grubConfig('quiet').replaceAll('next_entry', 'x') }, 'one-time'],
    [{ '/boot/grub/grub.cfg': grubConfig('quiet').replace('custom.cfg', 'x') }, 'custom.cfg'],
    [{ '/boot/grub/grub.cfg': grubConfig('quiet').replace('linux /boot', 'chainloader /x') }, 'by default'],
  ])('is not offered where it would not be heeded: %j', (files, why) => {
    const all = Object.entries({ ...GRUB('quiet'), ...files });
    const state = stateOf(
      Object.fromEntries(all.filter((file): file is [string, string] => file[1] !== null)),
    );
    expect(trialObstacle(state)).toContain(why);
  });

  test('is offered on a plain disk, and not where GRUB asks for a password', () => {
    const state = stateOf(GRUB('quiet'));
    expect(trialObstacle(state)).toBeNull();
    const config = `set superusers="root"\n${grubConfig('quiet')}`;
    expect(trialObstacle(stateOf({ ...GRUB('quiet'), '/boot/grub/grub.cfg': config }))).toContain('password');
  });

  test('boots what boots by default, with the words changed', () => {
    const entry = nextEntry(stateOf(GRUB('swapaccount=0 panic=5 -- init')).files);
    expect(entry === null ? '' : trialEntry(entry, aim, ['panic=30', 'gclab.trial=id'])).toContain(
      'root=x ro swapaccount=1 panic=30 gclab.trial=id -- init\n',
    );
  });
});

describe('after the reboot', () => {
  const aim = { add: ['swapaccount=1'], unset: ['swapaccount=1'] } as const;
  const why = (facts: Facts) => {
    try {
      verifyEffect('vm1', facts, aim);
      return 'effective';
    } catch (error) {
      return String(error);
    }
  };

  test('only the effect counts', async () => {
    expect(why(await factsOf('ubuntu18.04-4.15-swapaccount'))).toBe('effective');
  });

  test('an option that did not reach the command line is named', async () => {
    expect(why(await factsOf(PROBLEM))).toContain('swapaccount=1 did not reach the kernel command line');
  });

  test('an option without effect is named with its reason', async () => {
    expect(why(await factsOf('debian12-no-swap-limit-6.1'))).toContain('swapaccount=1 is impossible');
  });
});

test('a diff shows the lines that change, each where it is, and what is next to it', () => {
  expect(diff('/f', 'a\nb\nc\n', 'a\nB\nc\n')).toBe('--- /f\n+++ /f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n');
  const far = diff('/f', 'a\n1\n2\n3\n4\nb\n', 'A\n1\n2\n3\n4\nB\n');
  expect(far).toBe('--- /f\n+++ /f\n@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -5,2 +5,2 @@\n 4\n-b\n+B\n');
  expect(diff('/f', null, 'a\n')).toBe('--- /dev/null\n+++ /f\n@@ -0,0 +1,1 @@\n+a\n');
  expect(diff('/f', 'a\n', null)).toBe('--- /f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n');
  expect(diff('/f', 'a', 'a\n')).toContain('\\ No newline at end of file');
});
