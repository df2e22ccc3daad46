# What gclab changed of the kernel's options here, and undid. Reads only.
step() {
  tell_ledger
  say result done
}
