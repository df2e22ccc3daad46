# What every step on a guest begins with; the step itself is a function `step` in a script behind this one. POSIX sh,
# given to `sh -s` on stdin. Answers in lines of "key value" between two marks; `result` says how it went.
# A step runs to its end even when the connection is cut: it ignores the signals, and nothing of it writes to a pipe.
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
umask 022
state=/var/lib/gclab
ledger=$state/ledger.ndjson
grub=/boot/grub
[ -e $grub/grub.cfg ] || [ ! -e /boot/grub2/grub.cfg ] || grub=/boot/grub2

say() { printf '%s %s\n' "$1" "$2" 2>/dev/null || :; }
have() { command -v "$1" >/dev/null 2>&1; }
ends() { say result "$1"; shift; for about; do say about "$about"; done; exit 0; }
encoded() { base64 <"$1" | tr -d '\n'; }
# A file as base64, with its real path and the path it was asked for by.
tell_file() { say file "$(encoded "$1") |$(readlink -f "$2")|$2"; }
sum() { if [ -e "$1" ]; then sha256sum <"$1" | cut -d' ' -f1; else echo -; fi; }

# One line in the ledger, on the disk before anything else happens: id, action, more JSON. A line that a full disk cut
# is ended first.
record() {
  mkdir -p "$state" || return 1
  [ ! -s "$ledger" ] || [ -z "$(tail -c 1 "$ledger")" ] || echo >>"$ledger" || return 1
  printf '{"schema":1,"at":"%s","run":"%s","kind":"kernel-options","action":"%s"%s}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "${3:-}" >>"$ledger" && sync
}

tell_ledger() { grep '"kind":"kernel-options"' "$ledger" 2>/dev/null | tail -n 200 | cut -c1-4000 | sed 's/^/ledger /'; }

# One gclab at a time, where flock(1) is to be had. Waits this many seconds: a step whose connection was cut goes on.
only_one() {
  left=$1
  mkdir -p "$state" || ends no-space "$state cannot be made"
  if have flock; then
    exec 9>"$state/kernel.lock"
    until flock -n 9; do
      [ "$left" -gt 0 ] || ends locked
      left=$((left - 1))
      sleep 1
    done
  fi
}

# The pid that holds one of dpkg's locks (fcntl locks: flock(1) does not see them).
dpkg_holder() {
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do
    [ -e "$file" ] || continue
    inode=$(stat -c %i "$file")
    awk -v inode="$inode" '$2 == "POSIX" { n = split($6, part, ":"); if (part[n] == inode) { print $5; exit } }' /proc/locks
  done | head -n 1
}

# The whole of each file, as dpkg locks it: all of struct flock is zero but its first field, on every machine. Where dpkg
# never ran there are no such files yet, and it would make them just so. With both locks it says so, and has them until
# the other end of its input is closed.
take_locks='use Fcntl;
  for (@ARGV) {
    sysopen(my $file, $_, O_RDWR | O_CREAT, 0640) or exit;
    my $lock = pack("s x62", F_WRLCK);
    fcntl($file, F_SETLK, $lock) or do { print "taken" if $! == 11 || $! == 13; exit };
    push @locked, $file;
  }
  print "held"; close STDOUT; sysread STDIN, $_, 1;'

# Takes dpkg's locks until this shell, and all that it starts, has ended. Fails where somebody has them. An fcntl lock is
# a process's, and perl can take one, which is essential on Debian and Ubuntu; elsewhere that nobody has them must do.
hold_dpkg() {
  holder=$(dpkg_holder)
  [ -z "$holder" ] || return 1
  have perl && have mkfifo && rm -f "$state/dpkg" && mkfifo "$state/dpkg" || return 0
  exec 8<>"$state/dpkg"
  answer=$(perl -e "$take_locks" /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock <"$state/dpkg" 8>&- 2>/dev/null &)
  rm -f "$state/dpkg"
  [ "$answer" != taken ]
}

# Waits for dpkg, this many seconds at most, and then keeps it out.
wait_for_dpkg() {
  left=$1
  until hold_dpkg; do
    [ "$left" -gt 0 ] ||
      ends dpkg-locked ${holder:+"$holder" "$(tr '\000\n\t' '   ' <"/proc/$holder/cmdline" 2>/dev/null | cut -c1-200)"}
    left=$((left - 1))
    sleep 1
  done
}

# Writes base64 over a file, or removes it (-): never half, the old owner and mode kept.
put() {
  path=$1
  [ "$2" != - ] || { rm -f "$path"; return; }
  new=$path.gclab-new
  { [ ! -e "$path" ] || cp -a "$path" "$new"; } && printf %s "$2" | base64 -d >"$new" && mv "$new" "$path" ||
    { rm -f "$new"; return 1; }
}

first_tool() { for tool; do have "$tool" && printf %s "$tool" && return; done; }

# A new grub.cfg beside the old one, which is what boots until `commit`. The log is kept for the answer.
generate() {
  log=$state/update-grub.log
  new=$grub/grub.cfg.gclab-new
  old=$grub/grub.cfg.gclab-old
  echo "no room for a new grub.cfg in $grub" >"$log"
  [ "$(df -Pk $grub | awk 'NR == 2 { print $4 }')" -ge $(($(wc -c <$grub/grub.cfg) * 4 / 1024 + 64)) ] || return 1
  cp -a $grub/grub.cfg "$new" && cp -a $grub/grub.cfg "$old" || return 1
  "$(first_tool update-grub grub-mkconfig grub2-mkconfig)" -o "$new" >"$log" 2>&1 || return 1
  # An update-grub that knows no -o has written grub.cfg itself.
  if ! cmp -s $grub/grub.cfg "$old"; then mv $grub/grub.cfg "$new" && mv "$old" $grub/grub.cfg || return 1; fi
  grep -q '^[[:space:]]*linux' "$new" || return 1
  check=$(first_tool grub-script-check grub2-script-check)
  [ -z "$check" ] || "$check" "$new" >>"$log" 2>&1 || return 1
  rm -f "$old"
}

tell_log() { tail -n 15 "$state/update-grub.log" 2>/dev/null | cut -c1-300 | sed 's/^/log /'; }

# Undoes what `generate` made.
discard() {
  if [ -e $grub/grub.cfg.gclab-old ] && ! cmp -s $grub/grub.cfg $grub/grub.cfg.gclab-old; then
    mv $grub/grub.cfg.gclab-old $grub/grub.cfg
  fi
  rm -f $grub/grub.cfg.gclab-new $grub/grub.cfg.gclab-new.new $grub/grub.cfg.gclab-old
}

run_step() {
  trap '' HUP INT PIPE TERM
  printf '\ngclab-step 1\n'
  trap 'printf "gclab-step end\n"' EXIT
  step "$@"
}
