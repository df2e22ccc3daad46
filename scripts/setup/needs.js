/**
 * What each script needs beyond git, Node and npm.
 *
 * A need is met where one of its choices is: all of its programs (or, with a leading slash, files) are there. `from` is
 * what brings them: the Debian package, or on macOS the Homebrew formula.
 * @typedef {{ name: string, probes: readonly string[], from: string }} Choice
 * @typedef {readonly [Choice, ...Choice[]]} Need
 *
 * `distribution` is the ID of os-release(5), empty where there is none.
 * @typedef {{ platform: string, architecture: string, isRoot: boolean, distribution: string }} Machine
 * @typedef {typeof PURPOSES[number]} Purpose
 */
export const PURPOSES = /** @type {const} */ (['build', 'demo', 'test', 'bench']);

/** @param {string} name @param {string} from @param {string[]} probes @returns {Need} */
function need(name, from, ...probes) {
  return [{ name, probes, from }];
}

const GO = need('Go', 'golang-go', 'go');
const SSH = need('OpenSSH', 'openssh-client', 'ssh');
const SSHD = need("OpenSSH's server", 'openssh-server', 'sshd');

/** What builds an image of a VM from Debian's packages. @param {Machine} machine @returns {readonly Need[]} */
function imageNeeds({ isRoot }) {
  return [
    need('mmdebstrap', 'mmdebstrap', 'mmdebstrap'),
    need("Debian's keys", 'debian-archive-keyring', '/usr/share/keyrings/debian-archive-keyring.gpg'),
    need('mtools', 'mtools', 'mcopy'),
    need('mkfs.vfat', 'dosfstools', 'mkfs.vfat'),
    need('sfdisk', 'fdisk', 'sfdisk'),
    need('mke2fs', 'e2fsprogs', 'mke2fs'),
    // Who is not root plays it while an image is built.
    ...(isRoot ? [] : [need('newuidmap', 'uidmap', 'newuidmap'), need('fakeroot', 'fakeroot', 'fakeroot')]),
  ];
}

/** VMs have the architecture of the machine they run on. @param {Machine} machine @returns {readonly Need[]} */
function qemuNeeds({ architecture }) {
  const isArm = architecture === 'arm64';
  const [suffix, packageSuffix] = isArm ? ['aarch64', 'arm'] : ['x86_64', 'x86'];
  const [folder, from] = isArm ? ['/usr/share/AAVMF', 'qemu-efi-aarch64'] : ['/usr/share/OVMF', 'ovmf'];
  return [
    need('QEMU', `qemu-system-${packageSuffix}`, `qemu-system-${suffix}`),
    need('qemu-img', 'qemu-utils', 'qemu-img'),
    // The second is where distributions other than Debian's kin keep it.
    [
      { name: 'UEFI firmware', probes: [folder], from },
      { name: 'UEFI firmware', probes: ['/usr/share/edk2'], from },
    ],
  ];
}

/** What only the tests use: the race detector's compiler, shells that guests may have, sudo. @type {readonly Need[]} */
const TEST_NEEDS = [
  need('gcc', 'gcc', 'gcc'),
  need("the C library's headers", 'libc6-dev', '/usr/include/stdlib.h'),
  need('fish', 'fish', 'fish'),
  need('tcsh', 'tcsh', 'tcsh'),
  need('mksh', 'mksh', 'mksh'),
  need('BusyBox', 'busybox', 'busybox'),
  need('sudo', 'sudo', 'sudo'),
  need('netcat', 'netcat-openbsd', 'nc'),
  need('Python', 'python3', 'python3'),
];

/** @param {Purpose} purpose @param {Machine} machine @returns {readonly Need[]} */
function linuxNeeds(purpose, machine) {
  switch (purpose) {
    case 'build':
      return [GO];
    case 'bench':
      return [GO, SSH, SSHD];
    case 'demo':
      // Debian's packages are what the image is built from on Debian; elsewhere a published one is taken.
      return [
        GO,
        SSH,
        ...qemuNeeds(machine),
        ...(machine.distribution === 'debian' ? imageNeeds(machine) : []),
      ];
    case 'test':
      return [GO, SSH, SSHD, ...qemuNeeds(machine), ...imageNeeds(machine), ...TEST_NEEDS];
  }
}

/** VMs are made of published images there, so nothing builds any. @param {Purpose} purpose @param {Machine} machine @returns {readonly Need[]} */
function macNeeds(purpose, { architecture }) {
  const go = need('Go', 'go', 'go');
  const ssh = need('OpenSSH', 'openssh', 'ssh');
  const qemu = `qemu-system-${architecture === 'arm64' ? 'aarch64' : 'x86_64'}`;
  /** @type {Need} */
  const vms = [
    { name: 'QEMU', probes: [qemu, 'qemu-img'], from: 'qemu' },
    { name: 'Lima', probes: ['limactl'], from: 'lima' },
  ];
  return purpose === 'build' ? [go] : purpose === 'bench' ? [go, ssh] : [go, ssh, vms];
}

/** @param {Purpose} purpose @param {Machine} machine @returns {readonly Need[]} */
export function needsOf(purpose, machine) {
  return machine.platform === 'darwin' ? macNeeds(purpose, machine) : linuxNeeds(purpose, machine);
}

/** The needs that are not met, each choice with only what it lacks. @param {readonly Need[]} needs @param {(probe: string) => boolean} isThere @returns {readonly Need[]} */
export function lacking(needs, isThere) {
  return needs
    .filter((choices) => !choices.some(({ probes }) => probes.every(isThere)))
    .map(([first, ...others]) => [only(first), ...others.map(only)]);

  /** @param {Choice} choice */
  function only(choice) {
    return { ...choice, probes: choice.probes.filter((probe) => !isThere(probe)) };
  }
}
