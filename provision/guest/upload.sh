# Puts gcexp, compressed on stdin, under its content's hash, by way of a temporary name, so that half a file is never there.
# Arguments: the folder, and the SHA-256.
upload() {
  dir=$1 sum=$2
  umask 077
  new=$dir/bin/.gcexp-$sum.$$
  trap 'rm -f -- "$new"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  record "$dir" make program "gcexp-$sum" && mkdir -p -- "$dir/bin" && gzip -dc >"$new" || ends failed "$(free_kib "$dir")"
  case $(sha256sum <"$new") in "$sum "*) ;; *) ends otherwise ;; esac
  chmod 700 "$new" && mv -f -- "$new" "$dir/bin/gcexp-$sum" || ends failed "$(free_kib "$dir")"
}
