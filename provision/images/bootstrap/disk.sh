#!/bin/sh
# root.tar in the work folder becomes disk.raw: GPT, an EFI system partition, an ext4 root. No loop device, no mount.
set -eu
work=$1
esp_mib=64
root_mib=4000
root_start=$((1 + esp_mib))

mkdir "$work/root"
tar -C "$work/root" --numeric-owner --xattrs --xattrs-include='*' -xf "$work/root.tar"
rm "$work/root.tar"

truncate -s "${esp_mib}M" "$work/esp.raw"
mkfs.vfat -n ESP "$work/esp.raw"
mmd -i "$work/esp.raw" ::EFI ::EFI/BOOT
mcopy -i "$work/esp.raw" "$work/root/boot/grub/$grub_target/core.efi" "::EFI/BOOT/$efi_name"

# An older GRUB cannot read the two features switched off.
truncate -s "${root_mib}M" "$work/root.raw"
mke2fs -q -t ext4 -d "$work/root" -L root -U "$root_uuid" -O ^metadata_csum_seed,^orphan_file "$work/root.raw" ||
  mke2fs -q -t ext4 -d "$work/root" -L root -U "$root_uuid" -O ^metadata_csum_seed "$work/root.raw"

truncate -s "$((root_start + root_mib + 1))M" "$work/disk.raw"
sfdisk --quiet "$work/disk.raw" <<TABLE
label: gpt
start=1MiB, size=${esp_mib}MiB, type=U
start=${root_start}MiB, size=${root_mib}MiB, type=L, uuid=$part_uuid
TABLE
dd if="$work/esp.raw" of="$work/disk.raw" bs=1M seek=1 conv=sparse,notrunc status=none
dd if="$work/root.raw" of="$work/disk.raw" bs=1M seek="$root_start" conv=sparse,notrunc status=none
rm -rf "$work/root" "$work/esp.raw" "$work/root.raw"
