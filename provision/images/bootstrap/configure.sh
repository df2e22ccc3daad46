#!/bin/sh
# mmdebstrap's hook: users, network, ssh. Gets the root folder as its argument, the rest from build.sh's environment.
set -eu
root=$1

echo gclab > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 gclab\n::1 localhost\n' > "$root/etc/hosts"
# QEMU's user network answers DNS here.
rm -f "$root/etc/resolv.conf"
echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"
cat > "$root/etc/fstab" <<FSTAB
UUID=$root_uuid / ext4 errors=remount-ro 0 1
LABEL=ESP /boot/efi vfat umask=0077,noauto,nofail 0 0
FSTAB
mkdir -p "$root/boot/efi" "$root/var/log/journal"
# sshd asks PAM for it and complains at each login when there is none.
touch "$root/etc/default/locale"

# lab may become root without a password; plain may not become root at all.
for user in lab plain; do
  chroot "$root" useradd --create-home --shell /bin/bash "$user"
done
echo 'lab ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/lab"
chmod 0440 "$root/etc/sudoers.d/lab"

# lab's user manager starts with the VM, not under the first login, which would wait for it (two seconds without
# hardware virtualisation).
mkdir -p "$root/var/lib/systemd/linger"
: > "$root/var/lib/systemd/linger/lab"
# Nor does the first trial share the processors with a clean-up of LVM snapshots. Masked, whether this suite has it or not.
ln -sf /dev/null "$root/etc/systemd/system/e2scrub_reap.service"

install -m 0755 "$here/files/gclab-seed" "$root/usr/local/sbin/gclab-seed"
for unit in gclab-seed systemd-networkd ssh; do
  chroot "$root" systemctl enable "$unit.service" || {
    echo "E: $suite has no unit $unit.service, without which nobody gets into the image" >&2
    exit 1
  }
done

# Every VM gets a host key and a machine id of its own; the ones made while building are nobody's.
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
