#!/bin/sh
# Builds a bootable Debian disk from packages, as root or not, without loop devices.
#
#   build.sh --suite bookworm --arch amd64 --mirror URL --kernel-options "…" --work EMPTY_DIR --out disk.qcow2
#
# Each stage is announced on stdout as "stage NAME"; everything else goes to stderr.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# Tools of the superuser, for those who are not.
PATH=$PATH:/usr/sbin:/sbin
kernel_options=
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=$2 ;;
    --arch) arch=$2 ;;
    --mirror) mirror=$2 ;;
    --kernel-options) kernel_options=$2 ;;
    --work) work=$2 ;;
    --out) out=$2 ;;
    *) echo "build.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

# Debian names an architecture once, GRUB twice: its own name and the file the firmware looks for.
case $arch in
  amd64) grub_target=x86_64-efi efi_name=BOOTX64.EFI console=ttyS0 ;;
  arm64) grub_target=arm64-efi efi_name=BOOTAA64.EFI console=ttyAMA0 ;;
  *) echo "build.sh: no recipe for the architecture $arch" >&2; exit 2 ;;
esac

# Known before the file systems exist, so that update-grub can run while the image is only a folder.
root_uuid=$(cat /proc/sys/kernel/random/uuid)
part_uuid=$(cat /proc/sys/kernel/random/uuid)
export suite arch kernel_options grub_target efi_name console root_uuid part_uuid here

# Whoever started this build and was killed cannot call it off any more: then it ends by itself, with all it has started.
while_wanted() {
  while kill -0 "$PPID" 2>/dev/null; do sleep 1; done
  kill -TERM 0
}
while_wanted >/dev/null 2>&1 &
trap "kill $! 2>/dev/null" EXIT

echo "stage packages"
# A mirror may lag behind the date up to which its Release file says it holds; the signature is checked all the same.
mmdebstrap --variant=minbase --architectures="$arch" \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --essential-hook='cp -r --no-preserve=ownership "$here/files/etc" "$1"' \
  --customize-hook='"$here/packages.sh" "$1"' \
  --customize-hook='"$here/configure.sh" "$1"' \
  --customize-hook='"$here/grub.sh" "$1"' \
  "$suite" "$work/root.tar" "$mirror" >&2

echo "stage disk"
# Not being root, fakeroot keeps the owners that the tar names.
as_root=
[ "$(id -u)" = 0 ] || as_root=fakeroot
$as_root "$here/disk.sh" "$work" >&2

echo "stage qcow2"
qemu-img convert -O qcow2 "$work/disk.raw" "$out" >&2
