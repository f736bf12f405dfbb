import { placed } from '../mutate-script.js'

/** Why a host did not get a file from another. */
export type PullFailure =
  /** It has no ssh to fetch with, or none that it can run without privileges. */
  | 'no-client'
  /** The other did not let it in, or could not be reached: nothing came. */
  | 'refused'
  /** Something came, and then nothing, or too little in all the time there was. */
  | 'broke'
  /** Another file came than was wanted. */
  | 'lied'

/** Seconds that sshd may take to answer, and that nothing may come. */
export const pullIdleSeconds = 15

/**
 * A file from another host, put into place as an upload is: "$1" to "$6" as there; "$7" address, "$8" port, "$9" user of
 * the source, then the most bytes there may be and the most seconds it may take. Standard input: the private key, an
 * empty line, and a line of known_hosts with the source's key, by the name "source". Only that key is accepted, no
 * configuration and no agent is read, and nothing is forwarded. ssh runs as the user nobody: it reads what a machine says
 * that may be an attacker's. It finds key and known_hosts in a directory of root's, and writes where root has opened.
 *
 * Prints how many bytes have come, each second, and at last "done", or "failed KIND WORDS": then nothing has changed. It
 * ends when nobody reads that, so that no later run waits for it. Key and known_hosts lie in memory and go with it.
 */
export const pullScript = placed(
  `
shift 6
address=$1 port=$2 user=$3 most=$4 longest=$5
failed() { printf 'failed %s %s\\n' "$1" "$(printf '%s' "$2" | tr -c '[:print:]' ' ' | cut -c1-300)"; exit 0; }
command -v ssh >/dev/null 2>&1 || failed no-client 'ssh is not installed'
nobody=$(id -u nobody 2>/dev/null) && group=$(id -g nobody) && setpriv --help 2>/dev/null | grep -q -e --reuid ||
  failed no-client 'no setpriv, or no user nobody, to run ssh without privileges'
w=$(mktemp -d /run/kubestrap-hop.XXXXXX) || exit 1
trap 'rm -rf -- "$t" "$w"; kill $watch $fetching 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
while IFS= read -r line && [ -n "$line" ]; do printf '%s\\n' "$line"; done >"$w/key" && cat >"$w/known" &&
  chmod 0711 -- "$w" && chown -- "$nobody" "$w/key" "$w/known" || exit 1
(
  # blocks of 512 bytes (POSIX), or of 1024
  ulimit -f $((most / 512 + 1))
  exec setpriv --reuid="$nobody" --regid="$group" --clear-groups --no-new-privs ssh -T -F /dev/null -i "$w/key" -l "$user" -p "$port" -o HostKeyAlias=source -o UserKnownHostsFile="$w/known" ${[
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'BatchMode=yes',
    `ConnectTimeout=${pullIdleSeconds}`,
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'PermitLocalCommand=no',
    'ControlPath=none',
    'ProxyCommand=none',
    'Compression=no',
    'LogLevel=ERROR',
  ]
    .map((option) => `-o ${option}`)
    .join(' ')} -- "$address" file >"$t" 2>"$w/words" </dev/null
) &
fetching=$!
(
  trap '' PIPE
  had=0 idle=0 all=0
  # what sleeps must not keep the output open when the script has ended
  while sleep 1 >/dev/null 2>&1; do
    size=$(stat -c %s -- "$t" 2>/dev/null)
    size=\${size:-0}
    echo "$size" 2>/dev/null || { kill $fetching; exit; }
    idle=$((idle + 1)) all=$((all + 1))
    [ "$size" = "$had" ] || idle=0
    had=$size
    [ $idle -lt $((${pullIdleSeconds} + 5)) ] && [ $all -lt "$longest" ] || { echo "$size bytes had come in $all s" >>"$w/words"; kill $fetching; exit; }
  done
) &
watch=$!
wait $fetching
code=$?
kill $watch 2>/dev/null
if [ $code -ne 0 ]; then
  words=$(tail -n 3 "$w/words")
  [ -s "$t" ] || failed refused "\${words:-ssh ended with $code}"
  failed broke "\${words:-ssh ended with $code}"
fi
`,
  `failed lied "what came has digest $sum, not $want"`,
  `echo done`,
)
