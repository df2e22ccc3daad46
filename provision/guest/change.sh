# Changes files as planned and has a new grub.cfg made beside the old one, which still boots.
# Arguments: its kind and id in the ledger, seconds to wait for dpkg, `grub` or `files`, then for each file its path, the
# SHA-256 it must have now and the one it gets (- where there is none), and its new content in base64 (- removes it).
change() {
  boot_settings
  one_change "$1" "$2" "$3"
  mode=$4
  shift 4

  remember_all "$@" || { forget_change; ends no-space "$backup cannot be written"; }
  record "$state" make "$kind" "$id" ",\"files\":[$entries]" || { forget_change; ends no-space "the ledger in $state cannot be written"; }
  if ! write_all "$@"; then
    put_back "$@"
    ends write-failed "$path" $whole
  fi
  sync
  if [ "$mode" != grub ]; then
    record "$state" applied "$kind" "$id"
    ends done
  fi
  if ! generate; then
    tell_log
    put_back "$@"
    ends update-grub-failed $whole
  fi
  sync
  tell_file $grub/grub.cfg.gclab-new $grub/grub.cfg
  ends done
}

# Every file must still be what the plan saw; each is kept before any is changed.
remember_all() {
  entries=
  number=0
  while [ $# -ge 4 ]; do
    if [ "$(sum "$1")" != "$2" ]; then
      forget_change
      ends changed-since "$1"
    fi
    number=$((number + 1))
    mkdir -p "$backup" && chmod 700 "$state/backup" || return 1
    if [ "$2" != - ]; then
      cp -a "$1" "$backup/$number" && [ "$(sum "$backup/$number")" = "$2" ] || return 1
    fi
    entries="$entries${entries:+,}{\"path\":\"$1\",\"number\":$number,\"before\":\"$2\",\"after\":\"$3\"}"
    shift 4
  done
  sync
}

write_all() {
  while [ $# -ge 4 ]; do
    mkdir -p "${1%/*}" && put "$1" "$3" "$4" || return 1
    shift 4
  done
}

# What cannot be put back now stays open in the ledger: a later revert does it.
put_back() {
  number=0
  whole=yes
  while [ $# -ge 4 ]; do
    number=$((number + 1))
    if [ "$2" = - ]; then
      rm -f "$1" || whole=no
    elif [ "$(sum "$1")" != "$2" ]; then
      { cp -a "$backup/$number" "$1.gclab-new" && mv "$1.gclab-new" "$1"; } || whole=no
    fi
    shift 4
  done
  discard || whole=no
  if [ $whole = yes ]; then undone || whole=no; fi
}
