#!/bin/sh
# mmdebstrap's hook: installs what the list `packages` names, as far as this archive has it under one of its names.
# Gets the root folder as its argument, the rest from build.sh's environment.
set -eu
root=$1

apt_install() {
  chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# Puts the first name of "one | other" that can be installed into $chosen.
choose() {
  for name in $(echo "$1" | tr '|' ' '); do
    if [ "$name" = - ]; then
      echo "packages: $suite has no $1: done without" >&2
      return
    fi
    if said=$(apt_install --simulate "$name" 2>&1); then
      chosen="$chosen $name"
      return
    fi
  done
  printf '%s\n' "$said" | grep '^E: ' >&2
  echo "E: the archive of $suite cannot install $1, which the image needs" >&2
  exit 1
}

chosen=
wanted=$(sed -e '/^#/d' -e "s/ARCH/$arch/g" "$here/packages")
while read -r line; do choose "$line"; done <<LINES
$wanted
LINES
# Names without blanks, to be split.
# shellcheck disable=SC2086
apt_install $chosen
