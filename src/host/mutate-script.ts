import { digestOf } from './digest-script.js'
import { ledgerFunctions } from './ledger-script.js'
import { lock, noteUnderWay } from './under-way.js'

export const epoch = '/run/kubestrap/epoch'

/** Left where a file of systemd's was written that it may not have read yet; see resources/enable-unit.ts. */
export const unitsChanged = '/run/kubestrap/units-changed'

/** Exit code of a mutation that came too late: another run has taken the host over. */
export const lostEpoch = 75

/**
 * Runs a script with the rest as its arguments, while this run ("$1") is the host's. "$2" is what others are told is under
 * way (see under-way.ts), "$3" the number of notes for the ledger (see ledger-script.ts), which come next, a kind and a subject each, then the script. The lock is held by
 * this shell until the script has ended, also when nobody listens any more; the script itself does
 * not inherit it, or a daemon it starts would hold it for ever.
 */
export const mutateScript = `
exec 9>>${lock} || exit 1
flock -s 9
[ "$(cat ${epoch} 2>/dev/null)" = "$1" ] || exit ${lostEpoch}
shift
${noteUnderWay}
shift
if [ "$1" -gt 0 ]; then
  (
    ${ledgerFunctions}
    n=$1
    shift
    while [ "$n" -gt 0 ]; do
      remember "$1" "$2" || exit 1
      shift 2
      n=$((n - 1))
    done
    remembered
  ) || exit 1
fi
shift $((1 + 2 * $1))
script=$1
shift
/bin/sh -c "$script" sh "$@" 9>&-
`

/**
 * Writes files. Arguments: for each file path, mode, owner, directory mode, units to mark, and how the
 * ledger knows it: file, edit, none, or a tree it belongs to; stdin: for each a line of base64. All
 * temporary files are written first and flushed together, then renamed one by one. Says "ok" or what
 * went wrong for each, in order.
 */
export const writeScript = `
umask 077
${ledgerFunctions}
i=0 flush=
while [ $# -gt 0 ]; do
  i=$((i + 1)) p=$1 mode=$2 owner=$3 dmode=$4 marks=$5 as=$6
  shift 6
  whole=
  IFS= read -r content || whole='the content arrived incomplete'
  dir=\${p%/*} base=\${p##*/}
  t="\${dir}/.$base.kubestrap-$$"
  for old in "$dir/.$base.kubestrap-"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
  if [ -n "$whole" ]; then
    eval "e$i=\\$whole"
  elif ! case $as in
    none) ;;
    /*) remember tree "$as" && { has tree "$as" || remember file "$p"; } ;;
    *) remember "$as" "$p" ;;
    esac; then
    eval "e$i='cannot be noted in the ledger'"
  elif e=$( {
    { [ -d "$dir" ] || (umask 022; mkdir -p -m "$dmode" -- "$dir"); } &&
    printf %s "$content" | base64 -d >"$t" &&
    { [ "$owner" = root:root ] || chown -- "$owner" "$t"; } &&
    chmod -- "$mode" "$t"
  } 2>&1 ); then
    if [ "$as" = edit ]; then
      sum=$(sha256sum <"$t")
      note wrote "$p" "\${sum%% *}"
    fi
    eval "p$i=\\$p t$i=\\$t m$i=\\$marks e$i="
    flush=1
  else
    rm -f -- "$t"
    eval "e$i=\\"\\\${e:-failed}\\""
  fi
done
remembered
n=$i
i=0
set --
while [ $i -lt $n ]; do
  i=$((i + 1))
  eval "e=\\$e$i"
  [ -n "$e" ] || eval "set -- \\"\\$@\\" \\"\\$t$i\\""
done
[ $# -eq 0 ] || sync -- "$@" 2>/dev/null || sync
i=0
while [ $i -lt $n ]; do
  i=$((i + 1))
  eval "e=\\$e$i"
  if [ -z "$e" ]; then
    eval "p=\\$p$i t=\\$t$i marks=\\$m$i"
    for u in $marks; do
      # what is not there yet starts with what is written; there is nothing to restart
      case $u in
      static-pod-*) [ -e "/etc/kubernetes/manifests/\${u#static-pod-}.yaml" ] || continue;;
      # the kubelet keeps a link to the log of each container that it started
      container-*) [ -n "$(find /var/log/containers -name "*_kube-system_\${u#container-}-*" 2>/dev/null | head -n 1)" ] || continue;;
      esac
      mkdir -p /run/kubestrap/restart && : >"/run/kubestrap/restart/$u" || e="cannot mark $u"
    done
    case $p in /etc/systemd/*) mkdir -p /run/kubestrap && : >${unitsChanged} || e="cannot mark systemd's units" ;; esac
    [ -n "$e" ] || e=$(mv -fT -- "$t" "$p" 2>&1)
    [ -z "$e" ] || rm -f -- "$t"
  fi
  if [ -z "$e" ]; then echo ok; else printf '%s\\n' "$e" | tr '\\n' ' '; echo; fi
done
`

/**
 * What `arrive` leaves in "$t" becomes the file "$1" with mode "$2" if its digest is "$3"; "$4" is for `arrive`, "$5" the
 * digest cache, where the new file's line replaces older ones of its path; "$6" is '' for a file of ours, else the tree
 * that it lies in for the time of a run: it need not outlive a power failure, and is looked for by nobody.
 * @param other what is done about another digest, "$sum"; must end the script
 */
export const placed = (arrive: string, other: string, done = ''): string => `
umask 077
${ledgerFunctions}
if [ -n "$6" ]; then remember tree "$6"; else remember file "$1"; fi && remembered || exit 1
p=$1 mode=$2 want=$3 filter=$4 cache=$5 tree=$6
dir=\${p%/*}
(umask 022; mkdir -p -- "$dir") || exit 1
for old in "$dir/.\${p##*/}.kubestrap-"*; do [ ! -e "$old" ] || rm -f -- "$old"; done
t="$dir/.\${p##*/}.kubestrap-$$"
trap 'rm -f -- "$t"' EXIT
${arrive}
sum=$(${digestOf('"$t"')}) || exit 1
sum=\${sum%% *}
[ "$sum" = "$want" ] || { ${other}; }
chmod -- "$mode" "$t" && { [ -n "$tree" ] || sync -- "$t" 2>/dev/null || sync; } && mv -fT -- "$t" "$p" || exit 1
[ -n "$tree" ] || { mkdir -p -m 0755 -- "\${cache%/*}" && {
  [ ! -f "$cache" ] || grep -vF " $p" "$cache"
  echo "$want $(LC_ALL=C TZ=UTC stat -c '%i %s %z' -- "$p") $p"
} >"$cache.$$" && mv -f -- "$cache.$$" "$cache"; }
${done}
exit 0
`

/** Stdin becomes a file (see `placed`); "$4" is "gunzip" for compressed input. */
export const uploadScript = placed(
  'if [ "$filter" = gunzip ]; then gunzip -c >"$t"; else cat >"$t"; fi || exit 1',
  'echo "the uploaded file has digest $sum, not $want" >&2; exit 1',
)
