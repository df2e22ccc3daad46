#!/bin/sh
# The steps of a warm `gclab remote run` as an OpenSSH script with one multiplexed connection: what to measure against.
# Arguments: ssh_config host gcexp's-sha256 folder-on-the-guest folder-here scripts-folder
set -eu
config=$1 host=$2 sum=$3 dir=$4 here=$5 scripts=$6
run="bench-$$"
work=$(mktemp -d)
go() { ssh -F "$config" -S "$work/mux" "$host" "$@"; }
trap 'ssh -F "$config" -S "$work/mux" -O exit "$host" 2>/dev/null; rm -rf "$work"' EXIT

ssh -F "$config" -S "$work/mux" -M -N -f "$host"
go sh -s <"$scripts/probe.sh" >"$work/facts"
go sh -s -- "$sum" "$dir" <"$scripts/locate.sh" >"$work/place"
grep -q yes "$work/place"

# gcexp follows for as long as its stdin is open; it ends when the run has.
mkfifo "$work/in"
exec 3<>"$work/in"
printf '{"schema":1,"run":"%s","dir":"%s","limitBytes":33554432,"trials":1,"mode":"self","gc":false,"gogc":null,"gomemlimit":null,"env":{},"sampleHz":1000,"port":1112,"timeoutMs":60000}\n' "$run" "$dir" >&3
mkdir -p "$here/$run"
go "$dir/bin/gcexp-$sum" start <"$work/in" >"$here/$run/stream"
grep -q '"type":"end"' "$here/$run/stream"
sync "$here/$run/stream"
go "$dir/bin/gcexp-$sum" clean -run "$dir/runs/$run"
