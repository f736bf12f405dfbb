import { UserError } from '../lib/errors.js'
import { type ContainerState, containerStates } from '../runtimes/container-states.js'
import type { Context } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'
import type { Machine } from './machine.js'

/** Between two looks, milliseconds. */
const everyMs = 2_000

/**
 * A container that lived for longer had something to wait for: an API server ends 20 s after its start when etcd does
 * not answer, and works at its next start.
 */
const shortLifeMs = 5_000

/** How often systemd has started a unit anew when that is no accident any more; the kubelet's waits 10 s each time. */
const restarts = 2

/** Throws UserError('step'), final, once what is waited for cannot come about. */
export type CrashWatch = () => Promise<void>

/**
 * For a wait on static pods, or on a unit: notices within seconds that one exits after each start, instead of
 * waiting to the end. To be called as often as one likes while the wait goes on; made before what may go wrong begins.
 * A look that fails is no verdict.
 * @param names containers of kube-system
 * @param unit what must run besides
 */
export function crashWatch(
  context: Context,
  machine: Machine,
  names: readonly string[],
  unit = kubeletUnit,
): CrashWatch {
  const began = context.now().getTime()
  let last = began
  const seen = new Map<string, ContainerState>()
  return async () => {
    const now = context.now().getTime()
    if (now - last < everyMs) return
    last = now
    const looked = await look(context, machine, names, unit).catch(() => undefined)
    if (!looked) return
    // one that was removed since has ended by now
    for (const [id, state] of seen)
      if (state.running && !looked.containers.some((one) => one.id === id))
        seen.set(id, { ...state, running: false, ended: looked.at })
    for (const state of looked.containers) seen.set(state.id, state)
    // the host's own clock: only times of one clock are compared
    const since = looked.at - (now - began)
    const crashed = names.find((name) => crashes(name, looked.containers, [...seen.values()], since))
    if (crashed !== undefined) throw exits(machine, crashed)
    if (looked.restarts >= restarts) throw exits(machine, unit)
  }
}

/** A look that asks the watch, too, while something is missing. */
export const watched =
  (watch: CrashWatch, look: () => Promise<string | undefined>) => async (): Promise<string | undefined> => {
    const missing = await look()
    if (missing !== undefined) await watch()
    return missing
  }

const exits = ({ spec }: Machine, what: string): UserError =>
  new UserError('step', `${what} exits after each start`, { host: spec.name, final: true })

/**
 * None of this name runs, and of the newest one's pod two have ended in error soon after their start, one of them
 * since then; those do not count that were started while one of another pod still had the port. Pure.
 * @param now what is there, the newest first
 * @param seen all that was there at any look
 */
export function crashes(
  name: string,
  now: readonly ContainerState[],
  seen: readonly ContainerState[],
  since: number,
): boolean {
  const there = now.filter((state) => state.name === name)
  const [newest] = there
  if (!newest || there.some(({ running }) => running)) return false
  const failed = seen.filter(
    ({ name: of, pod, running, code, started, ended }) =>
      of === name &&
      pod === newest.pod &&
      !running &&
      code !== undefined &&
      code !== 0 &&
      started !== undefined &&
      ended !== undefined &&
      ended - started < shortLifeMs &&
      !seen.some((other) => other.name === name && other.pod !== pod && ranAt(other, started)),
  )
  return failed.length >= 2 && failed.some(({ started = 0 }) => started >= since)
}

/** Whether a container ran at a time, and had run before; one that does not tell when it ended ran for no time. */
const ranAt = ({ running, started, ended }: ContainerState, time: number): boolean =>
  started !== undefined && started < time && (running || (ended ?? 0) >= time)

async function look(
  { runtime }: Context,
  { host }: Machine,
  names: readonly string[],
  unit: string,
): Promise<{ at: number; containers: ContainerState[]; restarts: number }> {
  const answer = await host.read({
    what: 'look for what exits after each start',
    script: `${runtime.containerFunctions}
date +%s
systemctl show -p SubState -p NRestarts -p ExecMainStatus -- "$1" | tr '\\n' ' '
echo
[ "$2" = 0 ] || system_containers`,
    args: [unit, String(names.length)],
    timeoutMs: 20_000,
  })
  if (answer.code !== 0) throw new Error(answer.stderr)
  const [at = '', state = '', ...lines] = answer.stdout.toString().split('\n')
  const value = (name: string): string => new RegExp(`\\b${name}=(\\S*)`).exec(state)?.[1] ?? ''
  // systemd counts from the last start that somebody asked for
  const again = value('SubState') === 'auto-restart' && value('ExecMainStatus') !== '0'
  return {
    at: Number(at) * 1000,
    containers: containerStates(lines.join('\n')),
    restarts: again ? Number(value('NRestarts')) : 0,
  }
}
