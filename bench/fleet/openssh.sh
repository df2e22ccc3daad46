#!/bin/sh
# The job on one host as a script with OpenSSH does it: one connection, and a command over it for each step.
# Arguments: ssh_config, options of ssh (one word, may be empty), gcexp, its SHA-256, its configuration, a folder here, the host.
set -eu
config=$1 options=$2 gcexp=$3 sum=$4 configuration=$5 here=$6 host=$7
dir=/var/lib/gclab bin=/var/lib/gclab/bin/gcexp-$sum run=bench-$$
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$here/$host"
go() { ssh -F "$config" -S "$work/mux" -o ControlMaster=no -o ProxyCommand=false "$host" "$@"; }

# In the background and waited for, so that its processor time counts.
mkfifo "$work/ready" "$work/in"
(
  # shellcheck disable=SC2086 # the options are words
  ssh -F "$config" $options -S "$work/mux" -M -N -o PermitLocalCommand=yes -o LocalCommand="echo >$work/ready" "$host" ||
    echo failed >"$work/ready"
) 2>/dev/null &
read -r _ <"$work/ready" || :
# Nobody reads there again.
rm "$work/ready"

go 'uname -srm; id -u; cat /proc/cmdline /proc/meminfo /proc/self/mountinfo /proc/self/cgroup' >"$here/$host/facts"
go "sha256sum $bin 2>/dev/null || mkdir -p $dir/bin" >"$work/sum"
case $(cat "$work/sum") in
  "$sum "*) ;;
  *) go "cat >$bin.new && chmod 700 $bin.new && mv $bin.new $bin" <"$gcexp" ;;
esac
# gcexp follows for as long as its input is open.
exec 3<>"$work/in"
sed "s/@run@/$run/" "$configuration" >&3
go "$bin start >/dev/null" <"$work/in"
go "cat $dir/runs/$run/journal.ndjson" >"$here/$host/journal.ndjson"
go "$bin clean -run $dir/runs/$run"
ssh -S "$work/mux" -O exit "$host" 2>/dev/null
wait
grep -q '"reason":"complete"' "$here/$host/journal.ndjson"
