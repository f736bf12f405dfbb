import type { Change, Disruption, Need, Step } from '../engine/step.js'
import type { Transaction } from '../engine/transaction.js'
import type { Host } from '../host/host.js'
import type { LedgerNote } from '../host/ledger-script.js'
import { UserError } from '../lib/errors.js'
import { enableUnit } from './enable-unit.js'
import { asProcNetHas, untilListening } from './listening.js'
import { markDirectory } from './marks.js'
import { type SettledState, settledState } from './unit-state.js'

export interface ServiceState extends SettledState {
  /** Something it reads was written and it has not been restarted since. */
  marked: boolean
}

export interface ServiceWish {
  /** "kubelet.service" */
  unit: string
  /** Tells two steps about one unit apart. Default "service:UNIT". */
  id?: string
  title?: string
  needs?: readonly Need[]
  /** How long it may take to become active, milliseconds. Default 60 000. */
  withinMs?: number
  /** What appears on the machine once it runs, for the ledger. */
  makes?: readonly LedgerNote[]
  /**
   * A TCP port on which it listens once it works. After a start this is waited for, because systemd calls a
   * program active that is about to end.
   */
  listens?: number | undefined
  /** It takes up a changed configuration by a reload, without letting go of what it does. Default: a restart. */
  reloads?: true
  /** The mark of what it reads. Default the unit's name; see `reloadMark`. */
  mark?: string
  /** What the cluster lacks while it restarts. Default: the node. */
  takesAway?: Disruption
  /** The transaction it is restarted in. */
  within?: Transaction | undefined
  /** A restart ends what runs on the machine: that is moved away before. */
  endsPods?: boolean
  /** Run before a restart of what runs: fails, with the reason on stderr, when it would not come back. POSIX sh. */
  check?: string
  /** What tells why it does not run. Default: the last words of its journal. */
  evidence?: (ageMs: number) => Promise<string>
}

/** A systemd unit that is enabled and active, and restarted when something it reads was changed. */
export function service(host: Host, wish: ServiceWish): Step<ServiceState> {
  const { unit, mark = unit, takesAway = 'node' } = wish
  const again = wish.reloads ? 'reload' : 'restart'
  return {
    id: wish.id ?? `service:${unit}`,
    title: wish.title ?? unit,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    restarts: { of: 'unit', name: unit },
    settle: { withinMs: wish.withinMs ?? 60_000, everyMs: 250 },
    evidence: wish.evidence ?? ((ageMs) => lastWords(host, unit, ageMs)),
    probe: () => probeService(host, unit, mark),
    diff: (state) => {
      if (state.load === 'masked')
        throw new UserError('step', `${unit} is masked`, {
          host: host.name,
          next: `systemctl unmask ${unit}, unless it was masked on purpose`,
          final: true,
        })
      return serviceChanges(unit, state, again)
    },
    apply: async (changes) => {
      const how = changes.some(({ kind }) => kind === again) ? again : 'start'
      const ledger = changes.some(({ kind }) => kind === 'enable') ? [`enabled ${unit}` as const] : []
      await startUnit(host, wish, how, [...(wish.makes ?? []), ...ledger])
    },
    disrupts: (changes) => (changes.some(({ kind }) => kind === again) ? takesAway : undefined),
    ...(wish.within ? { within: wish.within } : {}),
    vacates: () => wish.endsPods === true,
  }
}

/**
 * Starts a unit, or restarts or reloads one that runs, and waits until it listens; its mark is taken away.
 * Throws UserError('step') with why it does not.
 */
export async function startUnit(
  host: Host,
  { unit, mark = unit, check, listens }: Pick<ServiceWish, 'unit' | 'mark' | 'check' | 'listens'>,
  how: 'start' | 'restart' | 'reload',
  ledger: readonly LedgerNote[] = [],
): Promise<void> {
  await host.mutate({
    what: `systemctl ${how} ${unit}`,
    // the mark goes last: a cut in between restarts once more, never once less
    script: `${check === undefined ? '' : checked(check)}${untilListening}${enableUnit}
          enable_unit "$1" &&
          systemctl reset-failed -- "$1" 2>/dev/null
          systemctl "$3" -- "$1" && rm -f "$2/$5" || exit 1
          until_listening "$4" "$1" still_active "$1"`,
    args: [unit, markDirectory, how, asProcNetHas(listens), mark],
    ledger,
    timeoutMs: 120_000,
  })
}

/** The end of a unit's journal of the last `ageMs` milliseconds. What a unit said before its end may not be in it yet: hence --sync. */
export async function lastWords(host: Host, unit: string, ageMs: number): Promise<string> {
  const answer = await host.read({
    what: `last log lines of ${unit}`,
    logged: true,
    script:
      '{ timeout 5 journalctl --sync || :; } 2>/dev/null; journalctl -u "$1" --since "@$(($(date +%s) - $2))" -n 40 -o cat --no-pager',
    args: [unit, String(Math.ceil(ageMs / 1000))],
    timeoutMs: 15_000,
  })
  return answer.stdout.toString()
}

/** What runs goes on running when its new configuration would keep it from starting. */
const checked = (check: string): string => `
if [ "$3" != start ]; then
  ( ${check}
  ) || { echo "$1 was not touched: its configuration is not accepted" >&2; exit 1; }
fi
`

async function probeService(host: Host, unit: string, mark: string): Promise<ServiceState> {
  const [state, left] = await Promise.all([settledState(host, unit), host.stat(`${markDirectory}/${mark}`)])
  return { ...state, marked: left.kind !== 'absent' }
}

function serviceChanges(unit: string, state: ServiceState, again: 'reload' | 'restart'): Change[] {
  const changes: Change[] = []
  if (state.enabled !== 'enabled' && state.enabled !== 'static')
    changes.push({ kind: 'enable', summary: `enable ${unit}` })
  if (state.active !== 'active')
    changes.push({ kind: 'start', summary: `start ${unit} (is ${state.active || 'unknown'})` })
  else if (state.marked) changes.push({ kind: again, summary: `${again} ${unit}` })
  return changes
}
