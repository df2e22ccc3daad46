# Puts back what the ledger names for one change, byte for byte.
# Arguments: its kind and id in the ledger, seconds to wait for dpkg, what to do then (`regenerate` grub.cfg, `discard` the one
# not yet committed, or `nothing`), then for each file its path, its number in the backup, and the SHA-256 from before and
# after the change.
restore() {
  boot_settings
  one_change "$1" "$2" "$3"
  then=$4
  shift 4
  check_all "$@"
  restore_all "$@" || ends write-failed "$path"
  # A trial entry that goes must not stay chosen.
  if have grub-editenv && grub-editenv - list 2>/dev/null | grep -qx next_entry=gclab-trial; then
    grub-editenv - unset next_entry
  fi
  sync
  discard || ends write-failed $grub/grub.cfg
  if [ "$then" = regenerate ]; then
    if ! generate; then
      tell_log
      discard
      ends update-grub-failed
    fi
    sync
    # One that cannot be written need not be where it says the same.
    cmp -s $grub/grub.cfg.gclab-new $grub/grub.cfg || mv $grub/grub.cfg.gclab-new $grub/grub.cfg || ends write-failed $grub/grub.cfg
    rm -f $grub/grub.cfg.gclab-new
  fi
  undone || ends no-space "the ledger in $state cannot be written"
  sync
  [ ! -r $grub/grub.cfg ] || tell_file $grub/grub.cfg $grub/grub.cfg
  ends done
}

# Someone else's later edit is not ours to undo; a file that is as it was before needs nothing.
check_all() {
  while [ $# -ge 4 ]; do
    now=$(sum "$1")
    [ "$now" = "$3" ] || [ "$now" = "$4" ] || ends changed-since "$1"
    [ "$3" = - ] || [ "$now" = "$3" ] || [ "$(sum "$backup/$2")" = "$3" ] || ends backup-gone "$1"
    shift 4
  done
}

restore_all() {
  while [ $# -ge 4 ]; do
    path=$1
    if [ "$3" = - ]; then
      rm -f "$path" || return 1
    elif [ "$(sum "$path")" != "$3" ]; then
      cp -a "$backup/$2" "$path.gclab-new" && mv "$path.gclab-new" "$path" || return 1
    fi
    shift 4
  done
}
