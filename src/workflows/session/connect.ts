import { catalog } from '../../catalog.js'
import { type Connected, isControlPlane } from '../../cluster/machine.js'
import { readFacts } from '../../host/facts/read-facts.js'
import type { Host } from '../../host/host.js'
import type { AtWork } from '../../host/run-scripts.js'
import { HostSilent } from '../../host/ssh/transport.js'
import type { HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { selectSystem } from '../../os/select.js'
import type { Turn } from '../hands.js'

/** A host that could not be used, and why. */
export interface Away {
  spec: HostSpec
  error: unknown
}

export interface ConnectOptions {
  /** Hosts that may be out of reach, and by which error; they are then left out. Default none. */
  mayBeAway?: (host: HostSpec, error: unknown) => boolean
  /** Whether the command has --away, which the error of a host that cannot be reached then names. Default false. */
  hasAway?: boolean
  /** False for commands that are of no use without any control plane: the error is then that of reaching one. */
  withoutControlPlane?: boolean
  /** Hosts that are about to be taken out: they lead nobody, and the API is asked elsewhere. */
  leaving?: { hosts: readonly string[]; command: 'reset' | 'remove' }
  /** What it does about other runs. Default: takes no notice of them. */
  turn?: Turn
}

/**
 * Connects to every host at once and reads its facts. Throws UserError: 'connection' or 'preflight', naming every
 * host that cannot be used.
 */
export async function connectAll(
  hosts: readonly { spec: HostSpec; host: Host }[],
  caDirectories: readonly string[],
  { mayBeAway = () => false, withoutControlPlane = true, hasAway = false, leaving, turn }: ConnectOptions,
): Promise<{ connected: Connected[]; seen: ReadonlyMap<Host, AtWork>; away: Away[] }> {
  const seen = new Map<Host, AtWork>()
  const results = await Promise.allSettled(
    hosts.map(async ({ spec, host }): Promise<Connected> => {
      // both in one frame
      const [facts, runs] = await Promise.all([
        readFacts(host, Date.now, caDirectories),
        turn && host.atWork(),
      ])
      if (runs) seen.set(host, runs)
      const selected = selectSystem(catalog.systems, facts, spec.os.like)
      if ('problem' in selected)
        throw new UserError('preflight', selected.problem, { host: spec.name, next: selected.next })
      return { spec, host, facts, os: selected.os, osNote: selected.note }
    }),
  )
  const connected = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const needed = (spec: HostSpec, error: unknown): boolean =>
    !mayBeAway(spec, error) ||
    (!withoutControlPlane && spec.roles.includes('control-plane') && !connected.some(isControlPlane))
  const away = results.flatMap((result, i): Away[] => {
    const spec = hosts[i]?.spec
    return result.status === 'rejected' && spec ? [{ spec, error: result.reason }] : []
  })
  const missing = away.filter(({ spec, error }) => needed(spec, error))
  if (missing.length === 0) return { connected, seen, away }
  const reasons = missing.map(({ spec: { name }, error }) =>
    orForgotten(error, name, leaving?.hosts.includes(name) ? leaving.command : undefined),
  )
  // hosts behind one bastion fail by its one error
  const failures = [...new Set(reasons)]
  const [first] = failures
  const users = failures.filter((failure) => failure instanceof UserError)
  // one without control planes has nobody to ask what it may do
  const goOn =
    hasAway && connected.some(isControlPlane) && users.every(({ kind }) => kind === 'connection')
      ? withoutThem(missing.map(({ spec: { name } }) => name))
      : undefined
  if (users.length < failures.length) throw first
  const [only, ...more] = users
  if (only && more.length === 0) throw goOn === undefined ? only : withNext(only, goOn)
  throw new UserError(users[0]?.kind ?? 'connection', `${users.length} hosts cannot be used`, {
    why: users
      .map(
        (error) =>
          `${error.host}: ${error.message}${error.why ? `\n  ${error.why.replaceAll('\n', '\n  ')}` : ''}${error.next ? `\n  → ${error.next}` : ''}`,
      )
      .join('\n'),
    next: goOn === undefined ? 'nothing was changed' : `nothing was changed\n→ ${goOn}`,
  })
}

/** What to do about hosts that will be back. */
const withoutThem = (names: readonly string[]): string =>
  `to go on without ${names.length === 1 ? 'it' : 'them'}: --away ${names.join(',')}; the changes on ${names.length === 1 ? 'it' : 'them'} wait for the next run`

/** The same error with one more thing to do. */
function withNext({ kind, message, host, why, next, cause }: UserError, more: string): UserError {
  return new UserError(kind, message, {
    cause,
    ...(host ? { host } : {}),
    ...(why ? { why } : {}),
    next: next ? `${next}\n→ ${more}` : more,
  })
}

/**
 * A host that does not answer may be lost, which is another command; and so may one that is to leave and cannot be
 * reached at all.
 */
function orForgotten(reason: unknown, name: string, command: 'reset' | 'remove' | undefined): unknown {
  if (!(reason instanceof UserError) || reason.kind !== 'connection') return reason
  // of a bastion that does not answer several hosts may say the same
  if (command === undefined && !(reason instanceof HostSilent && reason.host === name)) return reason
  return withNext(reason, command ? `if the host is lost: kubestrap ${command} --gone ${name}` : wayOut(name))
}

/** What to do about a host that will not come back. */
export const wayOut = (name: string): string =>
  `if the host is lost: kubestrap remove --gone --edit-inventory ${name}`
