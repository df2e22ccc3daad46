# What the scripts have in common that read or change how the guest boots.

# A change goes on to its end even when the connection is cut: it ignores the signals, and `say` a reader that is gone.
boot_settings() {
  trap '' HUP INT PIPE TERM
  umask 022
  state=/var/lib/gclab
  grub=/boot/grub
  [ -e $grub/grub.cfg ] || [ ! -e /boot/grub2/grub.cfg ] || grub=/boot/grub2
}

# A file, with the path it was asked for by and its real one.
tell_file() { say_file "$1" file "$2" "$(readlink -f "$2")"; }
sum() { if [ -e "$1" ]; then sha256sum <"$1" | cut -d' ' -f1; else echo -; fi; }

# The lines of what is open of changes of how the guest boots.
tell_ledger() {
  read_ledger "$state"
  printf %s "$open" | while IFS= read -r entry; do
    case $entry in "kernel-options "* | "trial-boot "*)
      thing=${entry%%'	'*}
      case $applied in *"
$thing
"*) seen=applied ;; *) seen=begun ;; esac
      say ledger $seen "${entry#*'	'}"
      ;;
    esac
  done
}

# Alone with the change of this kind and id. Arguments: these, and the seconds to wait for others.
one_change() {
  kind=$1 id=$2
  backup=$state/backup/$kind/$id
  only_one "$3"
  wait_for_dpkg "$3"
}

# It is undone, and this is in the ledger; what was only kept for it goes. Fails where the ledger cannot be written.
undone() { record "$state" removed "$kind" "$id" && forget_change; }

# What was only kept for a change goes, and the ledger where it names nothing else.
forget_change() {
  rm -rf "$backup"
  rmdir "$state/backup/$kind" "$state/backup" 2>/dev/null
  rm -f "$state/update-grub.log"
  settle_ledger "$state"
}

# One gclab at a time, where flock(1) is to be had. Waits this many seconds: a step whose connection was cut goes on.
only_one() {
  left=$1
  make_folder "$state" || ends no-space "$state cannot be made"
  if have flock; then
    exec 7</boot
    until flock -n 7 7<&7; do
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

# Takes dpkg's locks until this shell, and all that it starts, has ended. Fails where somebody has them. An fcntl lock is
# a process's, and perl can take one, which is essential on Debian and Ubuntu; elsewhere that nobody has them must do.
# It takes the whole of each file, as dpkg does: all of struct flock is zero but its first field, on every machine. Where dpkg
# never ran there are no such files yet, and it would make them just so. With both locks perl says so, and has them until
# the other end of its input is closed.
hold_dpkg() {
  holder=$(dpkg_holder)
  [ -z "$holder" ] || return 1
  have perl && have mkfifo && rm -f "$state/dpkg" && mkfifo "$state/dpkg" || return 0
  take_locks='use Fcntl;
  for (@ARGV) {
    sysopen(my $file, $_, O_RDWR | O_CREAT, 0640) or exit;
    my $lock = pack("s x62", F_WRLCK);
    fcntl($file, F_SETLK, $lock) or do { print "taken" if $! == 11 || $! == 13; exit };
    push @locked, $file;
  }
  print "held"; close STDOUT; sysread STDIN, $_, 1;'
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

# Gives a file the content of this SHA-256, from base64, or removes it (-): never half, the old owner and mode kept.
put() {
  path=$1
  [ "$2" != - ] || { rm -f "$path"; return; }
  new=$path.gclab-new
  { [ ! -e "$path" ] || cp -a "$path" "$new"; } && printf %s "$3" | base64 -d >"$new" && [ "$(sum "$new")" = "$2" ] && mv "$new" "$path" ||
    { rm -f "$new"; return 1; }
}

first_tool() { for tool; do have "$tool" && printf %s "$tool" && return; done; }

# A new grub.cfg beside the old one, which is what boots until `commit`. The log is kept for the answer.
generate() {
  log=$state/update-grub.log
  new=$grub/grub.cfg.gclab-new
  old=$grub/grub.cfg.gclab-old
  echo "no room for a new grub.cfg in $grub" >"$log"
  free=$(free_kib $grub)
  [ -z "$free" ] || [ "$free" -ge $(($(wc -c <$grub/grub.cfg) * 4 / 1024 + 64)) ] || return 1
  cp -a $grub/grub.cfg "$new" && cp -a $grub/grub.cfg "$old" || return 1
  "$(first_tool update-grub grub-mkconfig grub2-mkconfig)" -o "$new" >"$log" 2>&1 || return 1
  # An update-grub that knows no -o has written grub.cfg itself.
  if ! cmp -s $grub/grub.cfg "$old"; then cp -a $grub/grub.cfg "$new" && mv "$old" $grub/grub.cfg || return 1; fi
  grep -q '^[[:space:]]*linux' "$new" || return 1
  check=$(first_tool grub-script-check grub2-script-check)
  [ -z "$check" ] || "$check" "$new" >>"$log" 2>&1 || return 1
  rm -f "$old"
}

tell_log() { tail -n 15 "$state/update-grub.log" 2>/dev/null | cut -c1-300 | say_each log; }

# Undoes what `generate` made. Fails where the old grub.cfg cannot take its place again, and keeps it beside the other then.
discard() {
  rm -f $grub/grub.cfg.gclab-new $grub/grub.cfg.gclab-new.new
  if [ -e $grub/grub.cfg.gclab-old ] && ! cmp -s $grub/grub.cfg $grub/grub.cfg.gclab-old; then
    mv $grub/grub.cfg.gclab-old $grub/grub.cfg || return 1
  fi
  rm -f $grub/grub.cfg.gclab-old
}
