/**
 * What each script needs beyond git, Node and npm: a command (or file) that shows it is there, and the
 * package that brings it. `brew` is null where the thing cannot be had on macOS.
 * @typedef {{ probe: string, debian: string, brew: string | null }} Need
 */

/** @type {Readonly<Record<'go' | 'ssh' | 'sshd', Need>>} */
const NEEDS = {
  go: { probe: 'go', debian: 'golang-go', brew: 'go' },
  ssh: { probe: 'ssh', debian: 'openssh-client', brew: 'openssh' },
  sshd: { probe: 'sshd', debian: 'openssh-server', brew: 'openssh' },
};

/** What only the tests use: the race detector's compiler, and shells that guests may have. @type {readonly Need[]} */
const TEST_NEEDS = [
  { probe: 'gcc', debian: 'gcc', brew: null },
  { probe: 'fish', debian: 'fish', brew: 'fish' },
  { probe: 'tcsh', debian: 'tcsh', brew: 'tcsh' },
  { probe: 'busybox', debian: 'busybox', brew: null },
];

/** @type {Readonly<Record<string, readonly Need[]>>} */
export const NEEDS_OF = {
  build: [NEEDS.go],
  demo: [NEEDS.go, NEEDS.ssh, NEEDS.sshd],
  test: [NEEDS.go, NEEDS.ssh, NEEDS.sshd, ...TEST_NEEDS],
  bench: [NEEDS.go, NEEDS.ssh, NEEDS.sshd],
};
