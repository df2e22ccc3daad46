# The ledger of a gclab folder, ledger.ndjson: what was changed on the guest and not undone, written before the change. Scripts
# write it here and gcexp in internal/ledger; who undoes one thing leaves the lines of all others. A line is
# {"schema":1,"at":"TIME","action":"make|applied|removed","kind":"KIND","id":"ID","path":"PATH","files":[…]}, in this order and
# without blanks, `path` and `files` where they are needed. test/fixtures/contract/ledger.json has what counts as one.

# Adds a line. Arguments: the folder, action, kind, id, more JSON. On the disk when it returns; nothing of it is when it fails.
# A folder that is not there yet is made, and the ledger in it says so first.
record() {
  lock_ledger "$1" || return 1
  line_added "$@"
  added=$?
  exec 9<&-
  return $added
}

line_added() {
  size=0 gap=
  if [ -s "$1/ledger.ndjson" ]; then
    size=$(wc -c <"$1/ledger.ndjson")
    # A power cut may have left the last line without its end, or zeros, which a shell drops.
    case $(tail -c 1 "$1/ledger.ndjson" && echo .) in '
.') ;; *) gap='
' ;; esac
  fi
  made=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if printf '%s{"schema":1,"at":"%s","action":"%s","kind":"%s","id":"%s"%s}\n' "$gap" "$made" "$2" "$3" "$4" "${5-}" \
    >>"$1/ledger.ndjson" && on_disk "$1/ledger.ndjson"; then return; fi
  dd of="$1/ledger.ndjson" if=/dev/null bs=1 seek=$((size)) 2>/dev/null
  return 1
}

# An older sync(1) knows no files.
on_disk() { sync "$1" 2>/dev/null || sync; }

# One writer at a time, where flock(1) is to be had: the lock is on the folder, and this shell's descriptor 9 has it. Waits 10 s.
lock_ledger() {
  make_folder "$1" || return 1
  have flock || return 0
  tenths=0
  while exec 9<"$1"; do
    until flock -n 9 9<&9; do
      if [ $tenths -ge 100 ]; then
        exec 9<&-
        echo "another process has held the lock of the ledger in $1 for 10 s" >&2
        return 1
      fi
      if sleep 0.1 2>/dev/null; then tenths=$((tenths + 1)); else sleep 1; tenths=$((tenths + 10)); fi
    done
    # Who had it before may have removed the folder.
    if [ ! -e /proc/self/fd/9 ] || [ "$1" -ef /proc/self/fd/9 ]; then return; fi
    make_folder "$1" || return 1
  done
  return 1
}

# Makes the folder and those above it that are missing.
make_folder() {
  [ ! -d "$1" ] || return 0
  at=$1 made=
  while [ ! -d "$at" ]; do
    case $at in *[!\ -~]* | *'"'* | *'\'*) ;; *) made="$at
$made" ;; esac
    above_of "$at"
    at=$above
  done
  mkdir -p -- "$1" || return 1
  printf %s "$made" | while IFS= read -r at; do line_added "$1" make folder gclab ",\"path\":\"$at\"" || exit 1; done && return
  rm -f -- "$1/ledger.ndjson"
  remove_folders "$1" "$made"
  return 1
}

# Sets `above`.
above_of() {
  case $1 in */*) above=${1%/*} ;; *) above=. ;; esac
  [ -n "$above" ] || above=/
}

# Removes a folder and those above it that are in the list, as far as they are empty.
remove_folders() {
  at=$1
  while case "
$2" in *"
$at
"*) rmdir -- "$at" 2>/dev/null ;; *) false ;; esac; do
    above_of "$at"
    at=$above
  done
}

# Reads a folder's ledger. Sets `open`: for each thing that is open a line with its kind, id and path (parted by blanks), a tab, and
# its line in the ledger; `applied`, the first part of those that were seen through; `unread`, the lines that are none.
read_ledger() {
  open='
' applied='
' unread=
  [ -f "$1/ledger.ndjson" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    if [ -z "$line" ]; then continue; fi
    if parts_of "$line"; then heed "$line"; else unread="$unread$line
"; fi
  done <"$1/ledger.ndjson"
}

# Sets `action` and `thing`; fails for what is no line of a ledger.
parts_of() {
  rest=$1
  part '{"schema":1,"at":"' && case $value in '' | *[!0-9TZ:.+-]*) false ;; esac &&
    part '","action":"' && case $value in make | applied | removed) action=$value ;; *) false ;; esac &&
    part '","kind":"' && case $value in [!a-z]* | '' | *[!a-z-]*) false ;; *) thing=$value ;; esac &&
    part '","id":"' && case $value in [!A-Za-z0-9]* | '' | *[!A-Za-z0-9._-]*) false ;; *) thing="$thing $value" ;; esac ||
    return 1
  case $rest in
    '","path":"'*)
      part '","path":"'
      case $value in '' | *'\'* | *[[:cntrl:]]*) return 1 ;; esac
      thing="$thing $value"
      ;;
  esac
  case $rest in '"}' | '","files":['*']}') ;; *) return 1 ;; esac
}

# Takes from `rest` what is to stand there, and sets `value` to what stands between it and the next quote.
part() {
  case $rest in "$1"*) ;; *) return 1 ;; esac
  rest=${rest#"$1"}
  value=${rest%%\"*}
  rest=${rest#"$value"}
}

heed() {
  case $action in
    make) forget; open="$open$thing	$1
" ;;
    applied)
      case $open in *"
$thing	"*)
        case $applied in *"
$thing
"*) ;; *) applied="$applied$thing
" ;; esac
        ;;
      esac
      ;;
    removed) forget ;;
  esac
}

forget() {
  case $open in *"
$thing	"*)
    after=${open#*"
$thing	"}
    open="${open%%"
$thing	"*}
${after#*'
'}" ;;
  esac
  case $applied in *"
$thing
"*) applied="${applied%%"
$thing
"*}
${applied#*"
$thing
"}" ;; esac
}

# What is open of a kind, a line each: id, a blank, path.
open_of() {
  printf %s "$open" | while IFS= read -r entry; do
    entry=${entry%%'	'*}
    case $entry in "$1 "*) printf '%s\n' "${entry#"$1 "}" ;; esac
  done
}

# Leaves in the ledger what is open and what cannot be read; where nothing is, the ledger goes, and the folders that were made for it.
settle_ledger() {
  [ -f "$1/ledger.ndjson" ] && lock_ledger "$1" || return 0
  read_ledger "$1"
  folders=$(open_of folder)
  if [ -z "$unread" ] && [ -z "$(printf %s "$open" | grep -v '^folder ' | grep .)" ]; then
    rm -f -- "$1/ledger.ndjson"
    remove_folders "$1" "$(printf '%s\n' "$folders" | sed 's/^gclab //')
"
  # Without a lock a line of gcexp's could be lost on the way.
  elif have flock; then
    rewrite_ledger "$1"
  fi
  exec 9<&-
}

# What could not be written whole never takes the ledger's place.
rewrite_ledger() {
  new=$1/ledger.ndjson.new
  {
    printf %s "$unread" &&
      printf %s "$open" | while IFS= read -r entry; do [ -z "$entry" ] || printf '%s\n' "${entry#*'	'}" || exit 1; done &&
      printf %s "$applied" | while IFS= read -r entry; do [ -z "$entry" ] || applied_line "$entry" || exit 1; done
  } >"$new" && ! cmp -s "$new" "$1/ledger.ndjson" && on_disk "$new" && mv -f -- "$new" "$1/ledger.ndjson"
  rm -f -- "$new"
}

applied_line() { printf '{"schema":1,"at":"%s","action":"applied","kind":"%s","id":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${1%% *}" "${1#* }"; }
