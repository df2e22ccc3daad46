/**
 * What each script needs beyond git, Node and npm: a command, or a path, that shows it is there, and the
 * package that brings it. `brew` is null where the thing cannot be had on macOS.
 * @typedef {{ probe: string, debian: string, brew: string | null }} Need
 */

/** @type {Readonly<Record<'go' | 'ssh' | 'sshd', Need>>} */
const NEEDS = {
  go: { probe: 'go', debian: 'golang-go', brew: 'go' },
  ssh: { probe: 'ssh', debian: 'openssh-client', brew: 'openssh' },
  sshd: { probe: 'sshd', debian: 'openssh-server', brew: 'openssh' },
};

/** VMs have the architecture of the machine they run on. @type {readonly Need[]} */
const QEMU_NEEDS =
  process.arch === 'arm64'
    ? [
        { probe: 'qemu-system-aarch64', debian: 'qemu-system-arm', brew: 'qemu' },
        { probe: '/usr/share/AAVMF', debian: 'qemu-efi-aarch64', brew: null },
      ]
    : [
        { probe: 'qemu-system-x86_64', debian: 'qemu-system-x86', brew: 'qemu' },
        { probe: '/usr/share/OVMF', debian: 'ovmf', brew: null },
      ];

/** What makes VMs: qemu, its firmware, and the tools that build an image from Debian packages. @type {readonly Need[]} */
const VM_NEEDS = [
  ...QEMU_NEEDS,
  { probe: 'qemu-img', debian: 'qemu-utils', brew: null },
  { probe: 'mmdebstrap', debian: 'mmdebstrap', brew: null },
  { probe: 'mcopy', debian: 'mtools', brew: null },
  { probe: 'mkfs.vfat', debian: 'dosfstools', brew: null },
  { probe: 'sfdisk', debian: 'fdisk', brew: null },
  { probe: 'mke2fs', debian: 'e2fsprogs', brew: null },
  // Who is not root plays it while an image is built.
  ...(process.getuid?.() === 0
    ? []
    : [
        { probe: 'newuidmap', debian: 'uidmap', brew: null },
        { probe: 'fakeroot', debian: 'fakeroot', brew: null },
      ]),
];

/** What only the tests use: the race detector's compiler, shells that guests may have, sudo. @type {readonly Need[]} */
const TEST_NEEDS = [
  { probe: 'gcc', debian: 'gcc', brew: null },
  { probe: '/usr/include/stdlib.h', debian: 'libc6-dev', brew: null },
  { probe: 'fish', debian: 'fish', brew: 'fish' },
  { probe: 'tcsh', debian: 'tcsh', brew: 'tcsh' },
  { probe: 'busybox', debian: 'busybox', brew: null },
  { probe: 'sudo', debian: 'sudo', brew: null },
  { probe: 'nc', debian: 'netcat-openbsd', brew: null },
  { probe: 'python3', debian: 'python3', brew: null },
];

/** @type {Readonly<Record<string, readonly Need[]>>} */
export const NEEDS_OF = {
  build: [NEEDS.go],
  demo: [NEEDS.go, NEEDS.ssh, ...VM_NEEDS],
  test: [NEEDS.go, NEEDS.ssh, NEEDS.sshd, ...VM_NEEDS, ...TEST_NEEDS],
  bench: [NEEDS.go, NEEDS.ssh, NEEDS.sshd],
};
