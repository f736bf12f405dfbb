import { PassThrough } from 'node:stream'
import { NoAnswer } from '../lib/errors.js'
import { visible, visibleLine } from '../lib/visible.js'
import { wordsOf } from './command-record.js'
import type { Command, Outcome } from './connection.js'
import { lostEpoch } from './mutate-script.js'
import { couldNotAsk } from './outcome-errors.js'

/**
 * Held exclusively, on control plane nodes, by the run that changes the cluster, as long as it does. Holds "PID EPOCH WORDS" of
 * that run; nothing once it has ended in peace.
 */
export const runLock = '/run/kubestrap/run'

/** Prints "run held EPOCH WORDS" of the run that holds the lock, "run left EPOCH WORDS" of one that ended without a farewell. */
export const tellRunLock = `
run=$(head -n 1 ${runLock} 2>/dev/null | cut -c1-300 | cut -d' ' -f2-)
if [ -n "$run" ]; then
  if (flock -n -s 8) 8<${runLock}; then state=left; else state=held; fi
  printf 'run %s %s\\n' $state "$run"
fi
`

/**
 * Holds the lock for the run "$1" with the words "$2", for as long as a byte comes on its input every "$3" seconds. Waits "$4"
 * seconds for one who is about to end. One of this same run, whose line was lost, is ended; with "$5" = take anybody is. Says
 * "other EPOCH WORDS" of who has it, or "left EPOCH WORDS" of who ended without a farewell, and "held". The byte q is the
 * farewell; r says that nothing was done: what stood there before is put back. Any other is answered with a dot: the run knows
 * before the host does that it is heard of no longer. Only this shell has the lock open, so
 * that it is free at once when the shell ends, however that comes about.
 */
export const holdScript = `
tries=0
until
  mkdir -p -m 0700 /run/kubestrap || exit 1
  exec 8>>${runLock} || exit 1
  flock -w "$4" 8 || {
    # it may not have written its name yet
    [ -s ${runLock} ] || sleep 0.3
    was=$(head -n 1 ${runLock} | cut -c1-300)
    pid=\${was%% *} who=\${was#* }
    [ "$5" = take ] || [ "\${who%% *}" = "$1" ] || { printf 'other %s\\n' "$who"; exit ${lostEpoch}; }
    case $pid in
    ''|*[!0-9]*) ;;
    *) [ -z "$(find "/proc/$pid/fd" -lname ${runLock} 2>/dev/null)" ] || kill -s KILL "$pid" ;;
    esac
    flock -w 5 8 || { printf 'other %s\\n' "$who"; exit ${lostEpoch}; }
  }
  # its last owner may have removed the file meanwhile
  [ ${runLock} -ef /proc/$$/fd/8 ]
do
  tries=$((tries + 1))
  [ $tries -lt 5 ] || { echo "${runLock} does not stay" >&2; exit 1; }
done
was=$(head -n 1 ${runLock} | cut -c1-300)
: >${runLock}
printf '%s %s %s\\n' $$ "$1" "$2" >&8 || exit 1
[ -z "$was" ] || printf 'left %s\\n' "\${was#* }"
echo held
while byte=$(exec 8>&- 2>/dev/null; exec timeout "$3" head -c 1) && [ -n "$byte" ]; do
  case $byte in
  r) if [ -n "$was" ]; then printf '%s\\n' "$was" >${runLock}; else : >${runLock}; fi ;;
  q) : >${runLock} ;;
  *) printf . && continue ;;
  esac
  # a reset has left nothing else
  [ "$(ls -A /run/kubestrap)" != run ] || [ -s ${runLock} ] || rm -rf /run/kubestrap
  exit 0
done
`

/** A run as its lock names it. */
export interface LockOwner {
  epoch: string
  /** What others are told of it, on one line. */
  words: string
}

export interface HoldRequest extends LockOwner {
  /** Ends whoever holds it. */
  take: boolean
  /** How long the host keeps the lock for a run of which it hears nothing, ms. */
  silentMs?: number
  /** How often the run is heard of, ms. */
  beatMs?: number
  /** How long one that is about to end is waited for, ms. */
  waitMs?: number
}

/** The lock of one host, while this run has it. */
export interface Holding {
  kind: 'held'
  /** Who had it before and ended without a farewell, or was ended. */
  left: LockOwner | undefined
  /** When the host was last heard of, by performance.now(). */
  heardAt(): number
  /** Resolves when it is held no longer: true when it was let go. Never rejects. */
  ended: Promise<boolean>
  /** What the last owner left is taken care of: nothing of it need be put back. */
  settle(): void
  /** Lets go of it. Never throws, and waits no longer than a host takes to answer. */
  letGo(): Promise<void>
}

/** Another run has it. */
export interface HeldByOther {
  kind: 'other'
  owner: LockOwner
}

/** How long a host keeps the lock for a run of which it hears nothing. */
export const silentMs = 30_000
const defaultBeatMs = 5_000
const defaultWaitMs = 2_000
/** No run takes longer. */
const longestMs = 7 * 24 * 3_600_000
/** Beyond its own waiting, for an answer. */
const answerMs = 30_000
const farewellMs = 1_000

/** "EPOCH WORDS", as a host wrote it down. */
export function parseOwner(text: string): LockOwner {
  const [, epoch = '', words = ''] = /^(\S*) ?(.*)$/.exec(text) ?? []
  return { epoch, words: visibleLine(words) }
}

/**
 * Takes the lock of a host, and keeps it until it is let go. Throws UserError('connection') when it is not known who has it.
 * @param run runs a command there
 */
export async function holdRun(
  host: string,
  run: (command: Command) => Promise<Outcome>,
  { epoch, words, take, ...times }: HoldRequest,
): Promise<Holding | HeldByOther> {
  const waitMs = times.waitMs ?? defaultWaitMs
  const input = new PassThrough()
  // whoever runs it destroys it when nobody reads any more
  input.on('error', () => {})
  const beat = setInterval(() => input.write('.'), times.beatMs ?? defaultBeatMs)
  let said = ''
  let heard = 0
  let asked = false
  let answered = (): void => {}
  const held = new Promise<'held'>((resolve) => {
    answered = () => resolve('held')
  })
  const seconds = (ms: number): string => String(ms / 1000)
  const running = run({
    what: 'hold the lock of the cluster',
    standing: true,
    script: holdScript,
    args: [
      epoch,
      visibleLine(words).slice(0, 200),
      seconds(times.silentMs ?? silentMs),
      seconds(waitMs),
      take ? 'take' : '',
    ],
    stdin: input,
    timeoutMs: longestMs,
    maxOutput: 1024 * 1024,
    onOutput: (chunk, stream) => {
      if (stream !== 'stdout') return
      heard = performance.now()
      if (said.split('\n').includes('held')) return
      said += chunk
      if (said.split('\n').includes('held')) answered()
    },
  }).finally(() => clearInterval(beat))
  running.catch(() => {})
  let late: NodeJS.Timeout | undefined
  const tooLate = new Promise<'late'>((resolve) => {
    late = setTimeout(() => resolve('late'), waitMs + answerMs)
  })
  let first: Outcome | 'held' | 'late'
  try {
    first = await Promise.race([held, running, tooLate])
  } catch (error) {
    input.destroy()
    throw error
  } finally {
    clearTimeout(late)
  }
  const lineOf = (word: string): LockOwner | undefined => {
    const line = said.split('\n').find((one) => one.startsWith(`${word} `))
    return line === undefined ? undefined : parseOwner(line.slice(word.length + 1))
  }
  if (first !== 'held') {
    clearInterval(beat)
    input.end()
    const other = lineOf('other')
    if (first === 'late') throw new NoAnswer('cannot see who holds the lock of the cluster', { host })
    if (first.kind === 'exited' && first.code === lostEpoch && other) return { kind: 'other', owner: other }
    if (first.kind === 'exited')
      throw new NoAnswer('cannot take the lock of the cluster', { host, why: visible(wordsOf(first)) })
    throw couldNotAsk(host, first)
  }
  const former = lineOf('left')
  const left = former?.epoch === epoch ? undefined : former
  let putBack = left !== undefined
  const ended = running.then(
    () => asked,
    () => asked,
  )
  return {
    kind: 'held',
    left,
    heardAt: () => heard,
    ended,
    settle: () => {
      putBack = false
    },
    letGo: async () => {
      asked = true
      clearInterval(beat)
      input.end(putBack ? 'r' : 'q')
      let over: NodeJS.Timeout | undefined
      const enough = new Promise<void>((resolve) => {
        over = setTimeout(resolve, farewellMs)
      })
      await Promise.race([ended, enough])
      clearTimeout(over)
    },
  }
}
