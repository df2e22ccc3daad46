# Where can gcexp live on this guest? Looks only. Arguments: the SHA-256 of gcexp, and a folder where one is wanted.
# Answers for each candidate: candidate, folder, writable, may hold programs, free KiB (empty: unknown), has gcexp, uid that looked.
locate() {
  wanted_sum=$1
  uid=$(id -u)
  if [ $# -gt 1 ]; then candidate "$2"
  elif [ "$uid" = 0 ]; then for folder in /var/lib/gclab /opt/gclab /run/gclab; do candidate "$folder"; done
  else
    [ -z "${HOME-}" ] || candidate "${XDG_CACHE_HOME:-$HOME/.cache}/gclab"
    candidate "/var/tmp/gclab-$uid"
  fi
}

candidate() {
  find_above "$1"
  ask may_write "$1" "$above"; writable=$answer
  ask may_exec "$above"; exec=$answer
  ask has_whole "$1/bin/gcexp-$wanted_sum"; deployed=$answer
  say candidate "$1" "$writable" "$exec" "$(free_kib "$above")" "$deployed" "$uid"
}

# Sets `answer`. No command substitution where it can be helped: on an emulated processor each costs as much as a program.
ask() { if "$@" 2>/dev/null; then answer=yes; else answer=no; fi; }

# Sets `above`: the folder itself, or the nearest one above it that exists.
find_above() {
  above=$1
  while [ ! -d "$above" ]; do
    case $above in */*) above=${above%/*} ;; *) above=. ;; esac
    [ -n "$above" ] || above=/
  done
}

# Anyone may have made /var/tmp/gclab-1000 before this user.
may_write() { { [ ! -e "$1" ] || { [ ! -L "$1" ] && [ -O "$1" ]; }; } && [ -w "$2" ] && [ -x "$2" ]; }

# By the mount that holds the folder: the one with the longest mount point that is a prefix of it, the last of several.
may_exec() {
  real=$(cd -- "$1" && pwd -P) || return 0
  best=0 mounted=
  while read -r number parent device root point options rest; do
    case $point in *'\'*) point=$(printf '%b.' "$point") point=${point%.} ;; esac
    case $real/ in "${point%/}"/*) [ ${#point} -lt $best ] || { best=${#point} mounted=$options; } ;; esac
  done </proc/self/mountinfo
  case ,$mounted, in *,noexec,*) return 1 ;; esac
}

has_whole() { [ -x "$1" ] && case $(sha256sum <"$1") in "$wanted_sum "*) ;; *) return 1 ;; esac; }
