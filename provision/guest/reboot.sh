# Reboots in a moment, so that this session ends cleanly before.
reboot() {
  boot_settings
  if have systemd-run && [ -d /run/systemd/system ]; then
    # Without AccuracySec a timer may be a minute late. --collect is newer than Ubuntu 16.04.
    soon='--quiet --on-active=200ms --timer-property=AccuracySec=1ms'
    systemd-run --collect $soon systemctl reboot >/dev/null 2>&1 || systemd-run $soon systemctl reboot >/dev/null 2>&1 ||
      ends no-reboot
  else
    # By its name alone it would be this function.
    (sleep 0.2 2>/dev/null || sleep 1; command reboot) </dev/null >/dev/null 2>&1 &
  fi
  ends done
}
