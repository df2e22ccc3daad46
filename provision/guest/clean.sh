# Undoes what the ledger of a gclab folder names, and nothing else. Argument: the folder.
# Prints for each thing: RS removed|kept|absent US what.
export LC_ALL=C
dir=$1
say() { printf '\036%s\037%s' "$1" "$2"; }

[ -f "$dir/ledger.ndjson" ] || { say absent "$dir"; exit 0; }

gcexp=
for one in "$dir"/bin/gcexp-*; do [ -x "$one" ] && gcexp=$one; done

# A run whose supervisor lives is somebody's work: gcexp refuses, and it stays.
for run in "$dir"/runs/*/; do
  [ -d "$run" ] || continue
  if [ -n "$gcexp" ] && "$gcexp" clean -run "${run%/}" >/dev/null 2>&1; then
    say removed "${run%/}"
  else
    say kept "${run%/}"
  fi
done
rmdir -- "$dir/runs" 2>/dev/null
if [ -d "$dir/runs" ]; then exit 0; fi

sed -n 's|.*"action":"upload","path":"\(bin/gcexp-[0-9a-f]\{64\}\)".*|\1|p' "$dir/ledger.ndjson" | sort -u |
while IFS= read -r file; do
  [ -f "$dir/$file" ] && rm -f -- "$dir/$file" && say removed "$dir/$file"
done
rmdir -- "$dir/bin" 2>/dev/null
rm -f -- "$dir/ledger.ndjson"
if rmdir -- "$dir" 2>/dev/null; then say removed "$dir"; else say kept "$dir"; fi
