# What gclab changed of the kernel's options here, and undid. Reads only.
ledger_state() {
  boot_settings
  tell_ledger
}
