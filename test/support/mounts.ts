/** Without --map-root-user, which root needs not. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ['--map-root-user'];

/**
 * What starts a program with mounts of its own, which nobody else sees. unshare(1) makes them so by way of the root, which in a plain
 * chroot is no mount: there each is made private by itself.
 */
export const OWN_MOUNTS: readonly string[] = [
  ...['unshare', '--mount', '--propagation', 'unchanged', ...AS_ROOT, 'sh', '-c'],
  `mount --make-rprivate / 2>/dev/null ||
     while read -r _ _ _ _ at _; do mount --make-private "$(printf %b "$at")" || exit 99; done </proc/self/mountinfo
   exec "$@"`,
  'sh',
];
