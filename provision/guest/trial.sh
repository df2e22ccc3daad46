# Chooses an entry of custom.cfg for the next boot, and only that. Argument: the entry's id.
trial() {
  boot_settings
  only_one 10
  log=$state/update-grub.log
  check=$(first_tool grub-script-check grub2-script-check)
  if ! { [ -z "$check" ] || "$check" $grub/custom.cfg; } >"$log" 2>&1 || ! grub-reboot "$1" >>"$log" 2>&1; then
    tell_log
    ends trial-refused
  fi
  sync
  ends done
}
