/**
 * Of a running container's log on standard input: the last five complaints. etcd 3.4 only warns of an alarm and of members of
 * another cluster. POSIX sh.
 */
const complaintsFilter = `grep -E '^[EF][0-9]{4} |x509|panic|"level":"(error|fatal|panic)"|cluster ID mismatch|alarm:NOSPACE' | tail -n 5`

/**
 * Of an ended container's log on standard input: the last twelve lines that say something. What begins with a
 * space is the help that follows an unknown flag, and goroutines are what follows a fatal error. POSIX sh.
 */
const lastWordsFilter = `grep -vE '^[[:space:]]|^$|^goroutine |^created by |^Usage:| flags:$|^[a-z0-9_.]+[/.][^ ]*\\(' | tail -n 12`

/** What runs for as long makes the ends before it history, seconds. */
const steady = 30

/** What a running container complained of longer ago is no longer wrong, seconds: what is wrong is said again. */
const recent = 45

/** More containers than a node of a cluster has in kube-system, with what ended of them; no more are looked at. */
const most = 40

/**
 * Prints containers of kube-system that ended, each with its state and last words, and what running ones
 * complained of; the most telling last: what ended, the latest at the end. "$1": their names with blanks between, '' for all, - for none; "$2": seconds that count, what ended before has
 * another cause and is only named. POSIX sh.
 * @param functions see Runtime.containerFunctions
 */
export const lastWordsScript = (functions: string): string => `${functions}
since() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ; }
near=$(since $(($2 < ${recent} ? $2 : ${recent})))
found=$(system_containers) || { echo 'the container runtime did not list its containers'; exit 0; }
printf '%s\n' "$found" | head -n ${most} | awk -v wanted=" $1 " -v since="$(since "$2")" -v steady="$(since ${steady})" '
$1 == "" || (wanted != "  " && !index(wanted, " " $1 " ")) { next }
$4 == "running" { runs[$1] = 1; if ($6 <= steady) past[$1] = 1; print 1, NR, "running", $1, $3; next }
past[$1]++ { next }
$7 >= since { print 3, NR, "ended", $1, $3, $5, $7; next }
!runs[$1] { print 2, NR, "before", $1, $3, $5, $7 }
' | sort -k 1,1n -k 2,2nr | while read -r _ _ state name id code at; do
  case $state in
  running) container_log "$id" "$near" | ${complaintsFilter} | sed "s/^/$name: /" ;;
  before) echo "$name is not running; its last container ended before, with exit code $code at $at" ;;
  ended)
    echo "container $name: Exited ($code) at $at"
    container_log "$id" | ${lastWordsFilter} | sed "s/^/$name: /" ;;
  esac
done
`
