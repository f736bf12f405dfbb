/** What one attempt to open a TCP connection told. */
export type Reached =
  /** Something accepted it. */
  | 'open'
  /** The machine answered that nothing listens there: the way is free. */
  | 'refused'
  /** No answer in time: dropped on the way, or the machine is down. */
  | 'silent'
  /** A router or firewall said no. */
  | 'blocked'
  /** The attempt itself could not be made. */
  | 'unknown'

/**
 * Tries all of "ADDRESS PORT ADDRESS PORT …" at once, with whichever of bash, python3 and nc is there, and
 * prints `NUMBER EXITCODE LAST-WORDS` for each. POSIX sh.
 * @param patience how long one attempt waits, whole seconds
 */
export const reachScript = (patience: number): string => `
LC_ALL=C
export LC_ALL
tool=
for t in bash python3 nc; do
  command -v $t >/dev/null 2>&1 && { tool=$t; break; }
done
try() {
  case $tool in
  bash) timeout ${patience} bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" ;;
  python3) timeout ${patience + 1} python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), ${patience})' "$1" "$2" ;;
  nc) timeout ${patience + 1} nc -v -z -w ${patience} "$1" "$2" ;;
  *) echo 'neither bash nor python3 nor nc is here'; return 127 ;;
  esac
}
# behind a name that has no address bash says "Invalid argument" of its own path, which tells nothing
own='/\\/dev\\/tcp\\/.*: Invalid argument$/d; s/^bash: \\(line [0-9]*: \\)*//'
n=0
while [ $# -gt 1 ]; do
  (
    said=$(try "$1" "$2" 2>&1 </dev/null)
    code=$?
    printf '%s %s %s\\n' $n $code "$(printf '%s\\n' "$said" | sed "$own" | tail -n 1 | cut -c1-200)"
  ) &
  n=$((n + 1))
  shift 2
done
wait
`

/** What an attempt told, from its exit code and the words of bash, python3 or nc. Pure. */
export function reached(code: number, words: string): Reached {
  if (code === 0) return 'open'
  if (/refused/i.test(words)) return 'refused'
  if (code === 124 || /timed? ?out/i.test(words)) return 'silent'
  if (/no route to host|unreachable|prohibited|not permitted|permission denied/i.test(words)) return 'blocked'
  return 'unknown'
}

/** Answers of `reachScript` by number; what it did not tell of is 'unknown'. */
export function parseReached(output: string, count: number): { result: Reached; words: string }[] {
  const told = new Map(
    output.split('\n').flatMap((line): [number, { result: Reached; words: string }][] => {
      const match = /^(\d+) (\d+) ?(.*)$/.exec(line)
      if (!match) return []
      const [, number, code, words = ''] = match
      return [[Number(number), { result: reached(Number(code), words), words }]]
    }),
  )
  return Array.from({ length: count }, (_, i) => told.get(i) ?? { result: 'unknown', words: 'no answer' })
}
