# Undoes what the ledger of a gclab folder names of runs and programs; what others made stays, and so do their lines.
# Argument: the folder. Answers: removed, kind, what; kept, kind, what, and what stands in the way where that is known.
# A kind that is not known here is a newer gclab's.
clean() {
  dir=$1
  [ -f "$dir/ledger.ndjson" ] || return
  gcexp=
  for one in "$dir"/bin/gcexp-*; do [ -x "$one" ] && gcexp=$one; done
  for run in "$dir"/runs/*/; do [ ! -d "$run" ] || clean_run "${run%/}"; done
  # Whoever removed a run's folder, or was cut on the way, left its lines.
  read_ledger "$dir"
  for run in $({ open_of run; open_of cgroup; } | cut -d' ' -f1 | sort -u); do
    [ -d "$dir/runs/$run" ] || clean_run "$dir/runs/$run"
  done
  rmdir -- "$dir/runs" 2>/dev/null
  read_ledger "$dir"
  # A run that goes on needs its program.
  if [ ! -d "$dir/runs" ]; then
    for program in $(open_of program); do clean_program "$program"; done
    rmdir -- "$dir/bin" 2>/dev/null
  fi
  settle_ledger "$dir"
  read_ledger "$dir"
  printf %s "$open" | while IFS=' 	' read -r kind id rest; do
    case $kind in '' | folder | run | program | cgroup) ;; *) say kept "$kind" "$id" "$dir" ;; esac
  done
  printf %s "$unread" | while IFS= read -r line; do say kept unreadable "$line" "$dir/ledger.ndjson"; done
  [ -e "$dir" ] || say removed folder "$dir"
}

# gcexp refuses where the supervisor lives: that is somebody's work.
clean_run() {
  if [ -n "$gcexp" ] && why=$("$gcexp" clean -run "$1" 2>&1 >/dev/null); then
    say removed run "$1"
  else
    say kept run "$1" "${why-}"
  fi
}

clean_program() {
  rm -f -- "$dir/bin/$1" "$dir/bin/.$1".* && record "$dir" removed program "$1" && say removed program "$dir/bin/$1"
}
