# The new grub.cfg, verified by the controller, takes the old one's place, at once and on the disk.
# Arguments: id, SHA-256 of the grub.cfg that was verified.
step() {
  only_one 10
  [ "$(sum $grub/grub.cfg.gclab-new)" = "$2" ] || ends changed-since $grub/grub.cfg.gclab-new
  sync
  mv $grub/grub.cfg.gclab-new $grub/grub.cfg || ends write-failed $grub/grub.cfg
  sync
  record "$1" applied
  ends done
}
