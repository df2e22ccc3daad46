# Changes files as planned and has a new grub.cfg made beside the old one, which still boots.
# Arguments: id, seconds to wait for dpkg, `grub` or `files`, then for each file its path, the SHA-256 it must have now
# (- where there must be none) and its new content in base64 (- removes it).
step() {
  id=$1
  wait=$2
  kind=$3
  shift 3
  backup=$state/backup/$id
  only_one "$wait"
  wait_for_dpkg "$wait"

  remember_all "$@" || { rm -rf "$backup"; ends no-space "$backup cannot be written"; }
  record "$id" begin ",\"files\":[$entries]" || { rm -rf "$backup"; ends no-space "$ledger cannot be written"; }
  if ! write_all "$@"; then
    put_back "$@"
    ends write-failed "$path"
  fi
  sync
  if [ "$kind" != grub ]; then
    record "$id" applied
    ends done
  fi
  if ! generate; then
    tell_log
    put_back "$@"
    ends update-grub-failed
  fi
  sync
  tell_file $grub/grub.cfg.gclab-new $grub/grub.cfg
  ends done
}

# Every file must still be what the plan saw; each is kept before any is changed.
remember_all() {
  entries=
  number=0
  while [ $# -ge 3 ]; do
    if [ "$(sum "$1")" != "$2" ]; then
      rm -rf "$backup"
      ends changed-since "$1"
    fi
    number=$((number + 1))
    mkdir -p "$backup" && chmod 700 "$state/backup" || return 1
    if [ "$2" != - ]; then
      cp -a "$1" "$backup/$number" && [ "$(sum "$backup/$number")" = "$2" ] || return 1
    fi
    after=-
    [ "$3" = - ] || after=$(printf %s "$3" | base64 -d | sha256sum | cut -d' ' -f1)
    entries="$entries${entries:+,}{\"path\":\"$1\",\"number\":$number,\"before\":\"$2\",\"after\":\"$after\"}"
    shift 3
  done
  sync
}

write_all() {
  while [ $# -ge 3 ]; do
    mkdir -p "${1%/*}" && put "$1" "$3" || return 1
    shift 3
  done
}

# What cannot be put back now stays open in the ledger: a later revert does it.
put_back() {
  number=0
  whole=yes
  while [ $# -ge 3 ]; do
    number=$((number + 1))
    if [ "$2" = - ]; then
      rm -f "$1"
    elif [ "$(sum "$1")" != "$2" ]; then
      { cp -a "$backup/$number" "$1.gclab-new" && mv "$1.gclab-new" "$1"; } || whole=no
    fi
    shift 3
  done
  discard
  if [ $whole = yes ]; then
    record "$id" put-back
    rm -rf "$backup"
  fi
}
