# Reboots in a second, so that this session ends cleanly before.
step() {
  if have systemd-run && [ -d /run/systemd/system ]; then
    systemd-run --quiet --collect --on-active=1 --timer-property=AccuracySec=100ms systemctl reboot </dev/null >/dev/null 2>&1 ||
      systemd-run --quiet --on-active=1 systemctl reboot </dev/null >/dev/null 2>&1 || ends write-failed 'systemd-run'
  else
    (sleep 1; reboot) </dev/null >/dev/null 2>&1 9>&- &
  fi
  ends done
}
