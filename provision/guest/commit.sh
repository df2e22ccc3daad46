# The new grub.cfg, verified by the controller, takes the old one's place, at once and on the disk.
# Arguments: id, SHA-256 of the grub.cfg that was verified, seconds to wait for dpkg.
commit() {
  boot_settings
  only_one 10
  wait_for_dpkg "$3"
  # A kernel that came or went meanwhile had grub.cfg made anew: ours knows nothing of it.
  [ ! $grub/grub.cfg -nt $grub/grub.cfg.gclab-new ] || ends changed-since $grub/grub.cfg
  [ "$(sum $grub/grub.cfg.gclab-new)" = "$2" ] || ends changed-since $grub/grub.cfg.gclab-new
  sync
  mv $grub/grub.cfg.gclab-new $grub/grub.cfg || ends write-failed $grub/grub.cfg
  sync
  record "$state" applied kernel-options "$1"
  ends done
}
