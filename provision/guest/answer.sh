# How every script of this folder is called, answers and ends. POSIX sh, given to a shell on stdin before the script itself,
# which is a function of its file's name. All of it is functions, called in the last line of all: of a script that was cut on
# its way nothing runs, and no command can eat the rest of it. Few programs are started: on an emulated processor each costs 15 ms.

# How it is run (`sudo` or `as-is`), then for each script its name, the number of its arguments, and these.
gclab() {
  LC_ALL=C
  export LC_ALL
  PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
  run_by=$1
  shift
  while [ $# -ge 2 ]; do
    (run_script "$@")
    shift $(($2 + 2))
  done
}

# Each in a shell of its own, with the first arguments of those that follow.
run_script() {
  script=$1 count=$2
  shift 2
  left=$#
  while [ $left -gt 0 ]; do
    argument=$1
    shift
    [ $count -le 0 ] || set -- "$@" "$argument"
    count=$((count - 1)) left=$((left - 1))
  done
  # A login shell may have left its line unfinished.
  printf '\n'
  say gclab-answer "$script"
  "$script" "$@"
  ends done
}

# The end of a script: how it went, and about what.
ends() {
  say gclab-end "$@"
  exit 0
}

# A line of the answer: a key, and fields, each behind a tab. Printable ASCII stands for itself, other bytes are written in
# hexadecimal behind `\x`. A reader that is gone is no fault of the script's.
say() {
  join "$@"
  printf '%s\n' "$said" 2>/dev/null || :
}

# The same with the content of a file as the last field, whatever is in it. Arguments: the file, the key, the other fields.
# Says nothing of a file that it cannot read to its end.
say_file() {
  from=$1
  shift
  join "$@"
  if have base64; then
    form=b encoded=$(base64 <"$from") || return 1
  else
    form=x encoded=$(od -An -v -tx1 <"$from") || return 1
  fi
  printf '%s\t\\%s' "$said" $form
  printf %s "$encoded" | tr -d ' \n'
  printf '\n'
}

# A line for each line of stdin.
say_each() { while IFS= read -r line; do say "$1" "$line"; done; }

# Sets `said`.
join() {
  said=$1
  shift
  for field; do
    case $field in '\'* | *[!\ -~]*) field=$(hexadecimal "$field") ;; esac
    said="$said	$field"
  done
}

hexadecimal() {
  IFS=' 
'
  set -- $(printf %s "$1" | od -An -v -tx1)
  IFS=
  printf '\\x%s' "$*"
}

have() { command -v "$1" >/dev/null 2>&1; }

# KiB free where a folder is: what df says before the percentage, which is its only one; a device's name may have spaces. Nothing where it cannot tell.
free_kib() {
  df -Pk -- "$1" 2>/dev/null | while read -r line; do
    before=
    for word in $line; do
      case $word in [0-9]%|[0-9][0-9]%|100%) case $before in '' | *[!0-9]*) ;; *) echo "$before" ;; esac; return ;; esac
      before=$word
    done
  done
}
