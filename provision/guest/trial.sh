# The entry of ours in custom.cfg for the next boot only. Arguments: `set` or `clear`, the entry's id.
step() {
  only_one 10
  log=$state/update-grub.log
  case $1 in
    set)
      check=$(first_tool grub-script-check grub2-script-check)
      if ! { [ -z "$check" ] || "$check" $grub/custom.cfg; } >"$log" 2>&1 || ! grub-reboot "$2" >>"$log" 2>&1; then
        tell_log
        ends trial-refused
      fi
      ;;
    clear)
      # Only our own choice is taken back.
      grub-editenv - list 2>/dev/null | grep -qx "next_entry=$2" && grub-editenv - unset next_entry
      ;;
  esac
  sync
  ends done
}
