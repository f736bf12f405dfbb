import { asUserFunctions } from '../as-user-script.js'
import { ledgerFunctions } from '../ledger-script.js'
import { keySeconds, transferDirectory } from './places.js'

/**
 * How a login user's authorized_keys is edited, by the user: root writes nothing in a user's directory. "$1" is the home,
 * "$2" a run or "[0-9a-f]*", "$3" a digest or "[0-9a-f]*"; entries of these go. Standard input: entries that come, before
 * all others, so that what others wrote stays as it is to the last byte. An entry of ours is known by the
 * whole of it. A file that is a link, or another's, is not touched; one that somebody changed meanwhile is read again.
 */
export const editKeys = `
LC_ALL=C
export LC_ALL
f=$1/.ssh/authorized_keys
new=$(cat)
[ -e "$f" ] || [ -n "$new" ] || exit 0
[ ! -L "$1/.ssh" ] && [ ! -L "$f" ] && [ -f "$f" ] || { echo "$f is not there, or a link" >&2; exit 1; }
[ "$(stat -c %u -- "$f")" = "$(id -u)" ] || { echo "$f belongs to another user" >&2; exit 1; }
ours='^restrict,expiry-time="[0-9]*",from="[0-9a-f.:,]*",command="exec cat ${transferDirectory}/'$2/$3
ours=$ours'" ssh-ed25519 [A-Za-z0-9+/=]* kubestrap-run-'$2'$'
t=$1/.ssh/.authorized_keys.kubestrap
trap 'rm -f -- "$t" "$t.was"' EXIT
for try in 1 2 3; do
  rm -f -- "$t" "$t.was"
  # mode, and what else hangs on the file, come along
  cp -pP -- "$f" "$t.was" && cp -pP -- "$f" "$t" || exit 1
  { [ -z "$new" ] || printf '%s\\n' "$new"; sed "\\|$ours|d" "$t.was"; } >"$t" || exit 1
  cmp -s -- "$t" "$t.was" && exit 0
  sync -- "$t" 2>/dev/null || sync
  cmp -s -- "$f" "$t.was" && { mv -f -- "$t" "$f"; exit; }
done
echo "$f changes all the time" >&2
exit 1
`

/** One edit of a host's files at a time. */
const alone = 'exec 8>>/run/kubestrap/transfer.lock && flock 8 || exit 1'

/** Shell function `transfer_end RUN [DIGEST]`: no key of it opens anything, and what was kept for others is gone. */
export const transferEndFunction = `${asUserFunctions}
transfer_end() {
  d=${transferDirectory}/$1
  [ -d "$d" ] || return 0
  if user=$(cat "$d/.user" 2>/dev/null) && [ -n "$user" ]; then
    home=$(home_of "$user")
    [ -z "$home" ] || as_user "$user" '${editKeys.replaceAll("'", `'\\''`)}' "$home" "$1" "\${2:-[0-9a-f]*}" </dev/null || return 1
  fi
  if [ -n "$2" ]; then rm -f -- "$d/$2"; else rm -rf -- "$d" && { rmdir ${transferDirectory} 2>/dev/null || :; }; fi
}
`

/**
 * Lets others fetch one file: "$1" the run, "$2" the digest, "$3" where the file lies when it is not kept for others
 * alone, "$4" the login user, "$5" the public key; then for each entry the addresses it may be used from, with commas.
 * An entry runs one command whatever it is asked for, and nothing else (sshd(8), "restrict" and "command").
 */
export const serveScript = `
umask 022
${ledgerFunctions}${transferEndFunction}
${alone}
run=$1 sha=$2 path=$3 user=$4 key=$5
shift 5
kept=${transferDirectory}/$run
remember tree ${transferDirectory} && remembered && mkdir -p -- "$kept" || exit 1
[ -e "$kept/.user" ] || { printf '%s\\n' "$user" >"$kept/.user.new" && mv -f -- "$kept/.user.new" "$kept/.user" && sync; } || exit 1
if [ -n "$path" ]; then ln -sfn -- "$path" "$kept/$sha"
else [ "$user" = root ] || { chown -- "$user" "$kept/$sha" && chmod 0400 -- "$kept/$sha"; }
fi || exit 1
until=$(date -d "@$(($(date +%s) + ${keySeconds}))" +%Y%m%d%H%M) || exit 1
home=$(home_of "$user")
[ -n "$home" ] || { echo "$user has no home" >&2; exit 1; }
for from; do
  printf 'restrict,expiry-time="%s",from="%s",command="exec cat %s" %s kubestrap-run-%s\\n' "$until" "$from" "$kept/$sha" "$key" "$run"
done | as_user "$user" '${editKeys.replaceAll("'", `'\\''`)}' "$home" "$run" "$sha"
`

/** Ends what `serveScript` began: of the run "$1" the digest "$2", or all with "". */
export const endServingScript = `
${transferEndFunction}
[ -d ${transferDirectory} ] || exit 0
${alone}
transfer_end "$1" "$2"
`

/** What cut runs left is taken away; a host that is taken over has no other run at work. What cannot be stays for the next run. */
export const clearTransfers = `
rm -rf /run/kubestrap-hop.*
[ ! -d ${transferDirectory} ] || (
  ${transferEndFunction}
  for run in ${transferDirectory}/*; do transfer_end "\${run##*/}" ''; done
) >/dev/null 2>&1
`
