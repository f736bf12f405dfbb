import { hostAuthorities } from './authorities-script.js'
import { ledgerFunctions } from './ledger-script.js'
import { throughProxy } from './proxy-file.js'

/** Exit code where neither curl nor GNU's or another wget is there. */
export const noDownloader = 97

/** Exit code of a file that came whole and is another. */
export const otherDigest = 98

/** Exit code of what comes slower than it may. */
export const tooSlow = 96

/** More than any program or archive has, in bytes. */
const mostBytes = 1024 ** 3
/** Bytes a second below which a download has failed: 50 MB in less than four hours. */
const leastRate = 4096

/**
 * `fetch_to FILE URL`: a file over HTTPS, by curl or wget, whichever is there; no redirect of curl leads away from HTTPS,
 * and whatever comes is held to its digest by the caller. "$ca" is PEM in base64, or empty: certificate authorities
 * besides the host's own. Prints how many bytes have come, each second.
 *
 * It ends when nothing, or too little, came for "$idle" seconds (wget: three times that, as it watches its silence
 * itself); at ${mostBytes / 1024 ** 3} GiB, so that no server fills the disk; and when nobody reads what is printed, so
 * that no later run waits for it. ulimit -f counts blocks of 512 bytes (POSIX), or of 1024.
 */
export const fetchFunction = `
${hostAuthorities}
fetch_by() { # file url option…
  f=$1 u=$2
  shift 2
  ulimit -f ${mostBytes / 512}
  if [ $tool = curl ]; then
    exec curl -fsSL --proto =https --proto-redir =https --max-redirs 5 --max-filesize ${mostBytes} --connect-timeout "$idle" --speed-limit ${leastRate} --speed-time "$idle" --retry 2 -o "$f" "$@" -- "$u"
  elif [ $tool = wget ]; then
    exec wget -nv --max-redirect=5 --tries=2 --timeout="$idle" -O "$f" "$@" -- "$u"
  else
    exec wget -q -T "$idle" -O "$f" "$u"
  fi
}
watch_over() { # file pid
  trap '' PIPE
  had=0 n=0
  # what sleeps must not keep the output open when the script has ended
  while sleep 1 >/dev/null 2>&1; do
    size=$(stat -c %s -- "$1" 2>/dev/null)
    echo "$size" 2>/dev/null || { kill "$2"; return; }
    n=$((n + 1)) size=\${size:-0}
    [ $n -ge $((3 * idle)) ] && [ $tool != curl ] || continue
    # a smaller one was begun anew
    if [ "$size" -ge "$had" ] && [ $((size - had)) -lt $((n * ${leastRate})) ]; then : >"$1.slow"; kill "$2"; return; fi
    had=$size n=0
  done
}
fetch_to() {
  if command -v curl >/dev/null 2>&1; then tool=curl
  elif ! command -v wget >/dev/null 2>&1; then echo 'neither curl nor wget is installed' >&2; return ${noDownloader}
  elif wget --version 2>/dev/null | grep -q GNU; then tool=wget
  else tool=small-wget; fi
  file=$1
  if [ -n "$ca" ] && [ $tool != small-wget ]; then
    { host_authorities && printf %s "$ca" | base64 -d; } >"$file.ca" || return 1
    case $tool in curl) set -- "$@" --cacert "$file.ca" ;; *) set -- "$@" "--ca-certificate=$file.ca" ;; esac
  fi
  fetch_by "$@" &
  fetching=$!
  watch_over "$file" $fetching &
  watch=$!
  wait $fetching
  code=$?
  kill "$watch" 2>/dev/null
  [ ! -e "$file.slow" ] || { echo 'fewer than ${leastRate} bytes a second came' >&2; code=${tooSlow}; }
  # SIGXFSZ, of ulimit
  [ $code -ne 153 ] || echo 'there are more than ${mostBytes} bytes' >&2
  rm -f -- "$file.ca" "$file.slow"
  return $code
}
`

/**
 * Fetches "$4" and makes it the file "$1" with mode "$2" if its digest is "$3"; "$5" is the digest cache, where the new
 * file's line replaces older ones of its path, "$6" how many seconds may pass without a byte. Stdin: a line with "$ca".
 * Prints how many bytes have come, now and then. Nothing of a download that failed is left.
 */
export const downloadScript = `
umask 077
${throughProxy}${ledgerFunctions}
${fetchFunction}
IFS= read -r ca || ca=
p=$1 mode=$2 want=$3 url=$4 cache=$5 idle=$6
remember file "$p" && remembered || exit 1
dir=\${p%/*}
(umask 022; mkdir -p -- "$dir") || exit 1
for old in "$dir/.\${p##*/}.kubestrap-"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
t="$dir/.\${p##*/}.kubestrap-$$"
trap 'rm -f -- "$t" "$t.ca" "$t.slow"; kill "$watch" "$fetching" 2>/dev/null' EXIT
fetch_to "$t" "$url" || exit $?
sum=$(sha256sum <"$t") || exit 1
[ "\${sum%% *}" = "$want" ] || { echo "what was downloaded has SHA-256 \${sum%% *}, and $want is published" >&2; exit ${otherDigest}; }
chmod -- "$mode" "$t" && { sync -- "$t" 2>/dev/null || sync; } && mv -fT -- "$t" "$p" || exit 1
mkdir -p -m 0755 -- "\${cache%/*}" && {
  [ ! -f "$cache" ] || grep -vF " $p" "$cache"
  echo "$want $(LC_ALL=C TZ=UTC stat -c '%i %s %z' -- "$p") $p"
} >"$cache.$$" && mv -f -- "$cache.$$" "$cache"
exit 0
`

/** A directory of files by archive's name, with "ARCHIVE FILE PATH" a line: digests in hex. Losing it costs a download. */
export const archiveRecords = '/var/lib/kubestrap/archives'

/**
 * Prints the names of the archives of which a directory has records, where some of their files are in their places and
 * none is a link: that is to a package, to which the host went back. POSIX sh.
 */
export const unpackedScript = (records: string): string => `for r in ${records}/*; do
  [ -f "$r" ] || continue
  there=
  while read -r _ _ p; do
    [ ! -L "$p" ] || { there=; break; }
    [ ! -f "$p" ] || there=1
  done <"$r"
  [ -z "$there" ] || echo "\${r##*/}"
done`

/**
 * Fetches the archive "$1" (.tar.gz), whose digest must be "$2", and installs files out of it: pairs of a path in it and
 * a path on the host, from "$6" on. "$3" is the file where it is noted what came out of it, "$4" how many seconds may
 * pass without a byte, "$5" the mode of the files. Stdin: a line with "$ca". All files are unpacked before the first takes its place.
 */
export const unpackScript = `
umask 077
${throughProxy}
${ledgerFunctions}
${fetchFunction}
IFS= read -r ca || ca=
url=$1 want=$2 record=$3 idle=$4 mode=$5
shift 5
mkdir -p -- "\${record%/*}" || exit 1
for old in "$record".unpack.*; do [ ! -e "$old" ] || rm -rf -- "$old"; done
work=$(mktemp -d "$record.unpack.XXXXXX") || exit 1
trap 'rm -rf -- "$work"; kill "$watch" "$fetching" 2>/dev/null' EXIT
fetch_to "$work/archive" "$url" || exit $?
sum=$(sha256sum <"$work/archive") || exit 1
[ "\${sum%% *}" = "$want" ] || { echo "what was downloaded has SHA-256 \${sum%% *}, and $want is published" >&2; exit ${otherDigest}; }
mkdir "$work/files" && tar -xzf "$work/archive" -C "$work/files" --no-same-owner && rm -f -- "$work/archive" || exit 1
each() {
  todo=$1 left=$(($# - 1))
  shift
  while [ $left -gt 0 ]; do
    $todo "$work/files/$1" "$2" || exit 1
    shift 2
    left=$((left - 2))
  done
}
there() { [ -f "$1" ] && [ ! -L "$1" ] || { echo "the archive has no \${1#"$work/files/"}" >&2; return 1; }; }
staged() {
  remember file "$2" && (umask 022; mkdir -p -- "\${2%/*}") || return 1
  for old in "\${2%/*}/.\${2##*/}.kubestrap-"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
  cat -- "$1" >"\${2%/*}/.\${2##*/}.kubestrap-$$" && chmod -- "$mode" "\${2%/*}/.\${2##*/}.kubestrap-$$"
}
in_place() { mv -fT -- "\${2%/*}/.\${2##*/}.kubestrap-$$" "$2"; }
recorded() { sum=$(sha256sum <"$2") && echo "$want \${sum%% *} $2" >>"$work/record"; }
each there "$@"
each staged "$@"
remembered
sync
each in_place "$@"
each recorded "$@"
mv -fT -- "$work/record" "$record"
`
