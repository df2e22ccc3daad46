import { expect, test } from 'vitest';
import { lacking, needsOf } from '../../../scripts/setup/needs.js';
import { whatToInstall } from '../../../scripts/setup/set-up.js';

const debian = { platform: 'linux', architecture: 'x64', isRoot: true, distribution: 'debian' };

const packagesOf = (...given: Parameters<typeof needsOf>) => needsOf(...given).map(([first]) => first.from);

test('on Debian the demo builds its image, so it needs what builds one', () => {
  expect(packagesOf('demo', debian)).toEqual([
    ...['golang-go', 'openssh-client', 'qemu-system-x86', 'qemu-utils', 'ovmf'],
    ...['mmdebstrap', 'debian-archive-keyring', 'mtools', 'dosfstools', 'fdisk', 'e2fsprogs'],
  ]);
});

test('elsewhere the demo takes a published image, and the tests build theirs all the same', () => {
  const ubuntu = { ...debian, distribution: 'ubuntu' };
  expect(packagesOf('demo', ubuntu)).toEqual([
    'golang-go',
    'openssh-client',
    'qemu-system-x86',
    'qemu-utils',
    'ovmf',
  ]);
  expect(packagesOf('test', ubuntu)).toContain('mmdebstrap');
  expect(packagesOf('test', ubuntu)).toContain('debian-archive-keyring');
});

test('an ordinary user plays root while an image is built', () => {
  const extra = packagesOf('demo', { ...debian, isRoot: false }).filter(
    (name) => !packagesOf('demo', debian).includes(name),
  );
  expect(extra).toEqual(['uidmap', 'fakeroot']);
});

test('VMs have the architecture of the machine', () => {
  const arm = { ...debian, architecture: 'arm64' };
  expect(packagesOf('demo', arm)).toEqual(expect.arrayContaining(['qemu-system-arm', 'qemu-efi-aarch64']));
  expect(packagesOf('demo', arm)).not.toContain('ovmf');
});

test('building takes Go and nothing else', () => {
  expect(packagesOf('build', debian)).toEqual(['golang-go']);
});

test('a need is met by any of its choices as a whole', () => {
  const mac = { ...debian, platform: 'darwin', architecture: 'arm64', isRoot: false };
  const vms = needsOf('demo', mac).slice(2);
  const lacks = (...there: string[]) => lacking(vms, (probe) => there.includes(probe)).length;
  expect([lacks('limactl'), lacks('qemu-system-aarch64', 'qemu-img')]).toEqual([0, 0]);
  expect([lacks('qemu-img'), lacks('qemu-system-x86_64', 'qemu-img'), lacks()]).toEqual([1, 1, 1]);
});

test('where there is no apt, a Linux user is told what to look for', () => {
  const fedora = { ...debian, distribution: 'fedora' };
  const lacks = lacking(needsOf('demo', fedora), (probe) => !['go', 'qemu-img'].includes(probe));
  expect(whatToInstall(fedora, lacks, { hasBrew: false, again: 'npm run demo' })).toBe(
    "missing: Go (go), qemu-img (qemu-img); install them with your system's packages (Debian's are called golang-go qemu-utils), then type: npm run demo",
  );
});
