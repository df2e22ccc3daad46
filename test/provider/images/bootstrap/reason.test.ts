import { expect, test } from 'vitest';
import { reasonIn } from '../../../../src/provider/images/bootstrap/reason.js';

test.each([
  [
    'a tool of the recipe: its own words, once, and not those of whoever ran it',
    // As mmdebstrap 1.3.5 printed it when sid had lost a unit.
    [
      'I: running --customize-hook in shell: sh -c \'"$here/configure.sh" "$1"\' exec /tmp/mmdebstrap.9keNS5Men_',
      'Failed to disable unit: Unit e2scrub_reap.service does not exist',
      'Failed to disable unit: Unit e2scrub_reap.service does not exist',
      'E: setup failed: E: command failed: "$here/configure.sh" "$1"',
      'I: main() received signal PIPE: waiting for setup...',
      'E: mmdebstrap failed to run',
    ],
    'Failed to disable unit: Unit e2scrub_reap.service does not exist',
  ],
  [
    'the recipe: what it lacks',
    [
      'Reading package lists...',
      'E: Unable to locate package linux-image-amd64',
      'E: the archive of sid cannot install linux-image-cloud-amd64 | linux-image-amd64, which the image needs',
      'E: setup failed: E: command failed: "$here/packages.sh" "$1"',
    ],
    'E: Unable to locate package linux-image-amd64\nE: the archive of sid cannot install linux-image-cloud-amd64 | linux-image-amd64, which the image needs',
  ],
  [
    'apt: its first errors',
    [
      'I: running apt-get update...',
      'E: The repository http://mirror.test/debian nonesuch Release does not have a Release file.',
      'E: apt-get update --error-on=any failed: process exited with 100',
      'E: mmdebstrap failed to run',
    ],
    'E: The repository http://mirror.test/debian nonesuch Release does not have a Release file.',
  ],
  [
    'dpkg: the package',
    [
      'dpkg: error processing package grub-efi-amd64 (--configure):',
      ' installed grub-efi-amd64 package post-installation script subprocess returned error exit status 1',
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      'E: setup failed: E: command failed: "$here/packages.sh" "$1"',
    ],
    'dpkg: error processing package grub-efi-amd64 (--configure):\nE: Sub-process /usr/bin/dpkg returned an error code (1)',
  ],
  [
    'a tool after mmdebstrap: the last that it said',
    ['I: success in 41.0 seconds', 'mke2fs: Could not allocate block in ext2 filesystem'],
    'mke2fs: Could not allocate block in ext2 filesystem',
  ],
])('of %s', (_what, lines, reason) => {
  expect(reasonIn(`${lines.join('\n')}\n`)).toBe(reason);
});

test('without any of them all that was said is better than nothing', () => {
  expect(reasonIn('I: chroot architecture amd64\n')).toBe('I: chroot architecture amd64\n');
});
