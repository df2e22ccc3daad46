# What decides how the guest boots next, and what stands in the way of changing it. Reads only.
boot_state() {
  boot_settings
  for path in /etc/default/grub /etc/default/grub.d/*.cfg /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    tell_small "$path" 65536
  done
  for path in $grub/grub.cfg $grub/custom.cfg $grub/grubenv; do tell_small "$path" 1048576; done
  [ -e $grub/grub.cfg ] && [ ! -r $grub/grub.cfg ] && say unreadable $grub/grub.cfg
  for tool in update-grub grub-mkconfig grub2-mkconfig grub-reboot; do have $tool && say tool $tool; done
  grep -q 'default/grub\.d' "$(command -v grub-mkconfig)" 2>/dev/null && say drop-ins read
  if have grub-probe && [ -e $grub/grub.cfg ]; then
    say boot-fs "$(grub-probe --target=fs $grub 2>/dev/null)"
    say boot-abstraction "$(grub-probe --target=abstraction $grub 2>/dev/null | tr '\n' ' ')"
  fi
  sessions | head -n 20 | cut -c1-100 | say_each session
  for flag in /run/reboot-required /var/run/reboot-required; do
    [ -e $flag ] && say reboot-required "$(sort -u $flag.pkgs 2>/dev/null | tr '\n' ' ' | cut -c1-500)" && break
  done
  holder=$(dpkg_holder)
  [ -n "$holder" ] && say dpkg-holder "$holder"
  # Unlocked by a measurement of the boot, the command line in it, or by a person at the console.
  # A swap whose key is made anew at each boot waits for nobody.
  awk '!/^[[:space:]]*(#|$)/ && $3 !~ "^/dev/u?random$"' /etc/crypttab 2>/dev/null | head -n 5 | cut -c1-60 | say_each encrypted
  # Not every system that unlocks its root does so by crypttab.
  have lsblk && lsblk -snro NAME,TYPE "$(findmnt -no SOURCE / 2>/dev/null)" 2>/dev/null | sed -n 's/ crypt$//p' | say_each encrypted
  tell_ledger
  for file in "$state"/backup/*/*/*; do tell_backup "$file"; done
}

# What a file was before a change, by the change's kind and id and the number in its folder.
tell_backup() {
  [ -f "$1" ] && [ -r "$1" ] && [ "$(wc -c <"$1")" -le 1048576 ] || return 0
  inside=${1#"$state/backup/"}
  change=${inside%/*}
  say_file "$1" backup "${change%%/*}" "${change#*/}" "${inside##*/}"
}

# Arguments: a file, and the most bytes of it that are told.
tell_small() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  if [ "$(wc -c <"$1")" -le "$2" ]; then tell_file "$1" "$1"; else say too-big "$1"; fi
}

# User and terminal of each person. Newer systems keep no utmp that who(1) could read, or have it list sessions without a terminal,
# this one among them.
sessions() {
  people=$(who 2>/dev/null | grep -E '^[^ ]+ +(pts/|tty|:)[0-9]')
  if [ -n "$people" ] || ! have loginctl; then
    [ -z "$people" ] || printf '%s\n' "$people"
  else
    loginctl list-sessions --no-legend 2>/dev/null |
      awk '{ for (field = 4; field <= NF; field++) if ($field ~ "^(pts/|tty)[0-9]") print $3, $field }'
  fi
}
