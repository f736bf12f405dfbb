import { Batch } from '../host/batch.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { oncePer } from '../lib/once-per.js'
import { unitFileState } from './unit-file-state.js'

/** What systemd says of a unit at one moment. */
export interface UnitState {
  /** "loaded", "masked", "not-found" … */
  load: string
  /** "active", "inactive", "failed" … */
  active: string
  sub: string
}

/** The same of a unit that had time to start, and what the disk says of it. */
export interface SettledState extends UnitState {
  /** "enabled", "static" …; '' for a unit that is not there. */
  enabled: string
}

/**
 * Asks about units: "$1" are those, separated by blanks, that are given a moment if they are just starting (after a boot,
 * say: they are on their way without us) and of which it is asked whether they are enabled; the others are all of them.
 * Each systemctl has systemd work too, and costs more than any other process of a look, hence one for all.
 * It prints a block a unit, in their order, with a blank line between two; `is-enabled` prints a line each, and ends at the
 * first that is not there (up to systemd 252). Those of init scripts it prints before all others: then each is asked alone.
 * POSIX sh.
 */
export const unitsScript = `${unitFileState}
settling=$1
shift
look() { systemctl show -p LoadState -p ActiveState -p SubState -p SourcePath -- "$@"; }
now=$(look "$@") || exit 3
echo @now
printf '%s\\n' "$now"
[ -n "$settling" ] || { echo @end; exit 0; }
case $now in
*ActiveState=activating*)
  last=$(($(date +%s) + 10))
  while now=$(look $settling) || exit 3; do
    case $now in *ActiveState=activating*) ;; *) break ;; esac
    [ "$(date +%s)" -lt "$last" ] || break
    sleep 0.25
  done
  echo @settled
  printf '%s\\n' "$now"
  ;;
esac
echo @enabled
set -- $settling
case $now in
*SourcePath=*/init.d/*) ;;
*)
  while [ $# -gt 0 ]; do
    for state in $(systemctl is-enabled -- "$@" 2>/dev/null); do
      echo "$state"
      shift
    done
    [ $# -gt 0 ] || break
    # of a unit that is not there older systemd says nothing, which a systemctl that could not ask does too
    systemctl show -p LoadState -- "$1" >/dev/null || exit 3
    echo not-found
    shift
  done
  ;;
esac
for unit in "$@"; do
  state=$(unit_file_state "$unit") || exit 3
  echo "\${state:-not-found}"
done
echo @end
`

interface Question {
  unit: string
  settles: boolean
}

interface Answer {
  now: UnitState
  settled: SettledState | undefined
}

const batchOf = oncePer((host: Host) => new Batch<Question, Answer>(64, (questions) => ask(host, questions)))

/**
 * A unit as it is at this moment. Units that are asked about in one turn of the event loop go together, each once. Throws
 * UserError('step') when systemd could not be asked.
 */
export const unitState = async (host: Host, unit: string): Promise<UnitState> =>
  (await batchOf(host).add({ unit, settles: false })).now

/** A unit as it is once it no longer starts, or has for ten seconds; otherwise as `unitState`. */
export async function settledState(host: Host, unit: string): Promise<SettledState> {
  const { settled } = await batchOf(host).add({ unit, settles: true })
  if (!settled) throw new Error('a unit was not asked about')
  return settled
}

/** Whether `systemctl is-active` would say so. */
export const isActive = ({ active }: UnitState): boolean =>
  active === 'active' || active === 'reloading' || active === 'refreshing'

async function ask(host: Host, questions: readonly Question[]): Promise<Answer[]> {
  const units = [...new Set(questions.map(({ unit }) => unit))]
  const settling = [...new Set(questions.flatMap(({ unit, settles }) => (settles ? [unit] : [])))]
  const answer = await host.read({
    what: `look at ${units.join(', ')}`,
    logged: true,
    script: unitsScript,
    args: [settling.join(' '), ...units],
    // of what needs no patience the usual, with its second try
    ...(settling.length > 0 ? { timeoutMs: 25_000 } : {}),
  })
  const cannot = (why: string): UserError =>
    new UserError('step', `could not check ${units.join(', ')}`, { host: host.name, why })
  if (answer.code !== 0) throw cannot(answer.stderr)
  const sections = sectionsOf(answer.stdout.toString())
  const now = statesOf(sections.get('now'), units)
  const settled = sections.has('settled') ? statesOf(sections.get('settled'), settling) : now
  const enabled = sections.get('enabled')?.split('\n') ?? []
  if (!now || !settled || !sections.has('end') || enabled.length !== settling.length)
    throw cannot('the answer of systemctl is not whole')
  return questions.map(({ unit, settles }): Answer => {
    const [first, last] = [now.get(unit), settled.get(unit)]
    if (!first || (settles && !last)) throw new Error('a unit was not answered')
    const state = enabled[settling.indexOf(unit)] ?? ''
    return {
      now: first,
      settled: settles && last ? { ...last, enabled: state === 'not-found' ? '' : state } : undefined,
    }
  })
}

/** The sections that begin with a line "@NAME". */
function sectionsOf(text: string): Map<string, string> {
  return new Map(
    text
      .trimEnd()
      .split(/^@/m)
      .slice(1)
      .map((section): [string, string] => {
        const end = section.search(/\n|$/)
        return [section.slice(0, end), section.slice(end + 1).trimEnd()]
      }),
  )
}

/** The blocks of so many units, in their order; undefined when there are others. */
function statesOf(text: string | undefined, units: readonly string[]): Map<string, UnitState> | undefined {
  const blocks = text?.split('\n\n') ?? []
  if (blocks.length !== units.length || !blocks.every((block) => /^ActiveState=./m.test(block)))
    return undefined
  return new Map(
    blocks.map((block, i): [string, UnitState] => {
      const of = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? ''
      return [units[i] ?? '', { load: of('LoadState'), active: of('ActiveState'), sub: of('SubState') }]
    }),
  )
}
