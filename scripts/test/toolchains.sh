#!/bin/sh
# Builds gcexp with Go versions of the machine's package archive, side by side, and runs one trial with each.
#
#   sh toolchains.sh CACHE           with the oldest and the newest
#   sh toolchains.sh CACHE all       with every one
#   sh toolchains.sh CACHE 1.19 …    with these
#
# The toolchains are the packages golang-1.N-go and golang-1.N-src, fetched and verified by apt with settings of
# its own (the machine's stay as they are) and unpacked under CACHE, never installed. Nothing is fetched twice.
set -eu

source=$(cd "$(dirname "$0")/../../provision/experiment" && pwd)
usage='usage: toolchains.sh CACHE [all | VERSION …]'
mkdir -p "${1:?$usage}"
cache=$(cd "$1" && pwd)
shift

# Suites of Debian that carry a Go; elsewhere the suites that the machine uses are looked into.
debian_suites='bullseye bookworm trixie trixie-backports'

say() { echo "toolchains: $*" >&2; }

# The archive this machine takes its packages from, as apt itself knows it.
configured() { apt-get indextargets --format "$1" 'Created-By: Packages' 'Component: main' | sort -u; }

write_sources() {
  if [ "$(configured '$(ORIGIN)' | head -n 1)" = Debian ]; then
    mirror=$(configured '$(CODENAME) $(REPO_URI)' | grep -v -e '-security ' | sed -n '1s/^[^ ]* //p')
    for suite in $debian_suites; do echo "deb $mirror $suite main"; done
  else
    configured 'deb $(REPO_URI) $(RELEASE) main universe'
  fi >"$cache/apt/sources.list"
}

# apt with lists and downloads of its own. An old suite's signed index may be past its date, which says nothing
# about packages that no longer change.
apt_own() {
  tool=$1
  shift
  "$tool" -q -o Dir::Etc::sourcelist="$cache/apt/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$cache/apt/lists" -o Dir::Cache="$cache/apt" -o Acquire::Check-Valid-Until=false \
    -o Acquire::Retries=3 -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=false "$@"
}

# The index is fetched once a day; a suite that this archive does not have is no failure.
refresh() {
  mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
  if [ -n "$(find "$cache/apt/updated" -mtime -1 2>/dev/null)" ]; then return; fi
  write_sources
  say 'reading what Go versions the archive has'
  apt_own apt-get update >"$cache/apt/update.log" 2>&1 || say "apt-get update: $(grep -m 1 '^[EW]:' "$cache/apt/update.log")"
  touch "$cache/apt/updated"
}

# 1.15 1.19 …, oldest first; gcexp needs 1.15.
available() {
  apt_own apt-cache pkgnames golang-1. | sed -n 's/^golang-1\.\([0-9]*\)-go$/\1/p' | sort -n | awk '$1 >= 15 { print "1." $1 }'
}

# Fetched to a folder of the version's own, unpacked beside its place, and moved there whole: what a cut download
# or a full disk leaves is never taken for a toolchain.
fetch() {
  version=$1
  if [ -d "$cache/go-$version" ]; then return; fi
  say "fetching Go $version"
  rm -rf "$cache/new-$version"
  mkdir -p "$cache/new-$version" "$cache/deb-$version"
  (cd "$cache/deb-$version" && apt_own apt-get download "golang-$version-go" "golang-$version-src" >&2)
  for package in "$cache/deb-$version"/*.deb; do dpkg-deb -x "$package" "$cache/new-$version"; done
  mv "$cache/new-$version" "$cache/go-$version"
  rm -rf "$cache/deb-$version"
}

# Where the kernel lets us, one trial: whatever it comes to, it must come to a verdict.
try() {
  version=$1
  root="$cache/go-$version/usr/lib/go-$version"
  program="$cache/gcexp-$version"
  (cd "$source" && env GOROOT="$root" GOTOOLCHAIN=local GOFLAGS=-mod=mod GO111MODULE=on CGO_ENABLED=0 GOPATH="$cache/path" \
    GOCACHE="$cache/build-$version" "$root/bin/go" build -o "$program" .)
  "$program" version >&2
  "$program" | tail -n 1 | {
    read -r line || line='no output'
    case $line in
      '1 trials: 1 oom-killed'* | '1 trials: 0 oom-killed, 1 survived'*) echo "Go $version: $line" ;;
      *)
        echo "Go $version: no verdict: $line"
        return 1
        ;;
    esac
  }
}

refresh
versions=${*:-ends}
case $versions in
  all) versions=$(available) ;;
  ends) versions="$(available | head -n 1) $(available | tail -n 1)" ;;
esac
if [ -z "$(echo "$versions" | tr -d ' ')" ]; then
  say 'the package archive has no golang-1.N-go'
  exit 1
fi
for version in $versions; do
  fetch "$version"
  try "$version"
done
