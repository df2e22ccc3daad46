#!/bin/sh
# mmdebstrap's hook: the guest's own GRUB, laid out as `grub-install --removable --no-nvram` would lay it out, and a
# grub.cfg written by the guest's own update-grub.
set -eu
root=$1
grub=$root/boot/grub

mkdir -p "$grub/$grub_target"
# Without the modules and without grubenv, grub.cfg's load_env fails silently and grub-reboot has no effect.
cp "$root/usr/lib/grub/$grub_target"/*.mod "$root/usr/lib/grub/$grub_target"/*.lst "$grub/$grub_target/"
chroot "$root" grub-editenv /boot/grub/grubenv create

cat > "$grub/$grub_target/load.cfg" <<LOAD
search.fs_uuid $root_uuid root
set prefix=(\$root)/boot/grub
LOAD
chroot "$root" grub-mkimage --format "$grub_target" --prefix /boot/grub --output "/boot/grub/$grub_target/core.efi" \
  --config "/boot/grub/$grub_target/load.cfg" part_gpt ext2 search search_fs_uuid normal configfile linux serial

# /etc/default/grub is shell: what the user wants on the command line must survive its double quotes.
options=$(printf '%s' "${kernel_options:+ $kernel_options}" | sed 's/[\\"$`]/\\&/g')
cat > "$root/etc/default/grub" <<DEFAULT
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_RECORDFAIL_TIMEOUT=0
GRUB_DISTRIBUTOR=\`lsb_release -i -s 2> /dev/null || echo Debian\`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=tty0 console=$console$options"
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
DEFAULT

# There is no device under a folder, so for this one run grub-probe says what the finished disk will be.
mv "$root/usr/sbin/grub-probe" "$root/usr/sbin/grub-probe.real"
sed -e "s/ROOT_UUID/$root_uuid/" -e "s/PART_UUID/$part_uuid/" "$here/files/grub-probe" > "$root/usr/sbin/grub-probe"
chmod 0755 "$root/usr/sbin/grub-probe"
mkdir -p "$root/dev/disk/by-uuid"
: > "$root/dev/disk/by-uuid/$root_uuid"
chroot "$root" update-grub
rm -rf "$root/dev/disk"
mv "$root/usr/sbin/grub-probe.real" "$root/usr/sbin/grub-probe"
grep -q "root=UUID=$root_uuid" "$grub/grub.cfg"
