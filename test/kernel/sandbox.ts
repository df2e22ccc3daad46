import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Guest } from '../../src/model.js';
import { OWN_MOUNTS } from '../support/mounts.js';
import { here } from './guests.js';

/**
 * A guest's /etc/default, /boot and /var/lib in folders of its own, with the real step scripts at work on them in a
 * mount namespace, and GRUB's tools played by small scripts that keep to their interface.
 */
export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), 'gclab-sandbox-'));

  constructor(files: Readonly<Record<string, string>>) {
    for (const folder of ['etc/default/grub.d', 'boot/grub', 'var/lib/dpkg', 'bin']) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    for (const [path, content] of Object.entries({ ...TOOLS, ...files })) this.write(path, content);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content, {
      encoding: 'latin1',
      mode: path.startsWith('bin/') ? 0o755 : 0o644,
    });
  }

  read(path: string): string | null {
    try {
      return readFileSync(join(this.root, path), 'latin1');
    } catch {
      return null;
    }
  }

  /** What is below a folder, by path. */
  list(folder: string): readonly string[] {
    const root = join(this.root, folder);
    return existsSync(root) ? (readdirSync(root, { recursive: true }) as string[]).toSorted() : [];
  }

  async guest(): Promise<Guest> {
    const env = { PATH: `${join(this.root, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin` };
    return await here({
      env,
      within: [...OWN_MOUNTS, 'sh', '-c', MOUNTS, 'sh', this.root],
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

const MOUNTS = `root=$1; shift
if [ -e "$root/etc/crypttab" ]; then mount -t overlay -o lowerdir="$root/etc:/etc" overlay /etc || exit 99; fi
if [ -e "$root/run" ]; then mount --bind "$root/run" /run || exit 99; fi
for folder in etc/default boot var/lib; do mount --bind "$root/$folder" "/$folder" || exit 99; done
if [ -e "$root/boot-size" ]; then
  mount -t tmpfs -o size="$(cat "$root/boot-size")" tmpfs /boot/grub && cp -a "$root"/boot/grub/* /boot/grub/ || exit 99
fi
exec "$@"`;

/** Makes grub.cfg as grub-mkconfig does: from /etc/default/grub, then /etc/default/grub.d, under set -e. */
const MKCONFIG = `#!/bin/sh
set -e
out=/boot/grub/grub.cfg
while [ $# -gt 0 ]; do case $1 in -o) out=$2; shift ;; esac; shift; done
. /etc/default/grub
for x in /etc/default/grub.d/*.cfg; do [ ! -e "$x" ] || . "$x"; done
[ ! -e /boot/fail ] || { echo "the disk caught fire" >&2; exit 1; }
cat >"$out.new" <<END
if [ -s \\$prefix/grubenv ]; then
  load_env
fi
if [ "\\\${next_entry}" ] ; then
   set default="\\\${next_entry}"
else
   set default="\${GRUB_DEFAULT:-0}"
fi
menuentry 'Linux' \\$menuentry_id_option 'simple' {
	linux	/boot/vmlinuz root=/dev/vda2 ro \${GRUB_CMDLINE_LINUX} \${GRUB_CMDLINE_LINUX_DEFAULT}
	initrd	/boot/initrd.img
}
menuentry 'Linux (recovery mode)' \\$menuentry_id_option 'recovery' {
	linux	/boot/vmlinuz root=/dev/vda2 ro single \${GRUB_CMDLINE_LINUX}
}
source \\$prefix/custom.cfg
END
cat "$out.new" >"$out"
rm -f "$out.new"
`;

const TOOLS: Readonly<Record<string, string>> = {
  'bin/grub-mkconfig': MKCONFIG,
  'bin/update-grub': '#!/bin/sh\nexec grub-mkconfig -o /boot/grub/grub.cfg "$@"\n',
  'bin/grub-script-check': '#!/bin/sh\n[ -s "$1" ]\n',
  'bin/grub-probe': '#!/bin/sh\ncase $1 in --target=fs) echo ext2 ;; esac\n',
  'bin/grub-reboot': '#!/bin/sh\necho "next_entry=$1" >/boot/grub/grubenv\n',
  'bin/grub-editenv':
    '#!/bin/sh\ncase $2 in list) cat /boot/grub/grubenv ;; unset) : >/boot/grub/grubenv ;; esac\n',
  'boot/grub/grubenv': '# GRUB Environment Block\n',
};
