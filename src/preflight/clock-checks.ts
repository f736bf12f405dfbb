import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Check, Problem } from './check.js'

/** Leases last seconds, and etcd warns of a second; what NTP keeps is well below. */
const toleratedMs = 5_000
/** Against our own clock: certificates are dated five minutes back, and tokens live for minutes. */
const toleratedOfOursMs = 60_000

/** Clocks compared with each other, what their reading leaves open taken off. */
export const clockChecks: readonly Check[] = [
  {
    name: 'ClockSkew',
    about: 'The clocks of the machines agree within 5 s, and with the local clock within 60 s.',
    run: ({ machines }) => clockProblems(machines),
  },
]

interface Clock {
  name: string
  /** Against ours, and what that may be wrong by; milliseconds. */
  skewMs: number
  uncertainMs: number
}

function clockProblems(machines: Context['machines']): Problem[] {
  const clocks = machines.map(clockOf)
  const reference = middle(clocks)
  if (!reference) return []
  const wrong = clocks.filter((clock) => apart(clock, reference) > toleratedMs)
  if (wrong.length > 0) return wrong.map((clock) => differing(clock, reference))
  const sorted = [...clocks].sort((a, b) => a.skewMs - b.skewMs)
  const [first, last] = [sorted[0], sorted.at(-1)]
  // each is near the middle, and they are at its two sides
  if (first && last && apart(first, last) > toleratedMs) return [differing(last, first)]
  return ofOurs(reference)
}

const clockOf = ({ spec, facts }: Machine): Clock => ({
  name: spec.name,
  skewMs: facts.clockSkewMs,
  uncertainMs: facts.clockUncertainMs,
})

/** The clock in the middle; of two the one nearer to ours, which is more likely the right one. */
function middle(clocks: readonly Clock[]): Clock | undefined {
  const sorted = [...clocks].sort((a, b) => a.skewMs - b.skewMs)
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  const upper = sorted[Math.floor(sorted.length / 2)]
  return lower && upper && Math.abs(upper.skewMs) < Math.abs(lower.skewMs) ? upper : lower
}

/** Milliseconds that two clocks are sure to differ by. */
const apart = (a: Omit<Clock, 'name'>, b: Omit<Clock, 'name'>): number =>
  Math.abs(a.skewMs - b.skewMs) - a.uncertainMs - b.uncertainMs

function differing(clock: Clock, than: Clock): Problem {
  return {
    host: clock.name,
    severity: 'error',
    what: `the clock is ${by(clock.skewMs - than.skewMs, clock.uncertainMs + than.uncertainMs)} the clock of ${than.name}`,
    next: 'synchronize the clocks (chrony, systemd-timesyncd); certificates, leases and etcd depend on them',
  }
}

function ofOurs(clock: Clock): Problem[] {
  const sure = apart(clock, { skewMs: 0, uncertainMs: 0 })
  if (sure <= toleratedMs) return []
  return [
    {
      host: clock.name,
      severity: sure > toleratedOfOursMs ? 'error' : 'warning',
      what: `the clock, like those of the other machines, is ${by(clock.skewMs, clock.uncertainMs)} the local clock`,
      next: 'synchronize the local clock: certificates and tokens are dated by it',
    },
  ]
}

/** "12.3 s ahead of", with what it may be wrong by where that is worth a word. */
function by(ms: number, uncertainMs: number): string {
  const give = uncertainMs >= 100 ? ` (± ${(uncertainMs / 1000).toFixed(1)} s)` : ''
  return `${(Math.abs(ms) / 1000).toFixed(1)} s${give} ${ms > 0 ? 'ahead of' : 'behind'}`
}
