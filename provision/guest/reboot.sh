# Reboots in a moment, so that this session ends cleanly before. What comes of it `reboot-answer` tells.
reboot() {
  boot_settings
  if have systemd-run && [ -d /run/systemd/system ]; then
    systemctl reset-failed gclab-reboot.service >/dev/null 2>&1
    # Without AccuracySec a timer may be a minute late. Without SKIP_AUTO_KEXEC a kernel that kexec(8) has loaded would come up,
    # with the command line that it was loaded with.
    systemd-run --quiet --unit=gclab-reboot --on-active=200ms --timer-property=AccuracySec=1ms \
      env SYSTEMCTL_SKIP_AUTO_KEXEC=1 systemctl reboot >/dev/null 2>&1 || ends no-reboot
  else
    # By its name alone it would be this function.
    (sleep 0.2 2>/dev/null || sleep 1; command reboot) </dev/null >/dev/null 2>&1 &
  fi
  ends done
}
