# What systemd said to the reboot that was asked for, where it refused.
reboot_answer() {
  if have systemctl && systemctl is-failed --quiet gclab-reboot.service 2>/dev/null; then
    said=$(journalctl --unit gclab-reboot.service --identifier systemctl --identifier env --output cat --lines 1 2>/dev/null | cut -c1-300)
    systemctl reset-failed gclab-reboot.service >/dev/null 2>&1
    ends reboot-refused "$said"
  fi
  ends done
}
