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
  /** Hosts that may be out of reach; they are then left out. Default none. */
  mayBeAway?: (host: HostSpec) => boolean
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
  { mayBeAway = () => false, withoutControlPlane = true, leaving, turn }: ConnectOptions,
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
  const needed = (spec: HostSpec): boolean =>
    !mayBeAway(spec) ||
    (!withoutControlPlane && spec.roles.includes('control-plane') && !connected.some(isControlPlane))
  const reasons: unknown[] = results.flatMap((result, i) => {
    const spec = hosts[i]?.spec
    if (result.status !== 'rejected' || !spec || !needed(spec)) return []
    const command = leaving?.hosts.includes(spec.name) ? leaving.command : undefined
    return [orForgotten(result.reason, spec.name, command)]
  })
  // hosts behind one bastion fail by its one error
  const failures = [...new Set(reasons)]
  if (failures.length === 0) {
    const away = results.flatMap((result, i): Away[] => {
      const spec = hosts[i]?.spec
      return result.status === 'rejected' && spec ? [{ spec, error: result.reason }] : []
    })
    return { connected, seen, away }
  }
  const [first] = failures
  const users = failures.filter((failure) => failure instanceof UserError)
  if (users.length < failures.length || users.length === 1) throw first
  throw new UserError(users[0]?.kind ?? 'connection', `${users.length} hosts cannot be used`, {
    why: users
      .map(
        (error) =>
          `${error.host}: ${error.message}${error.why ? `\n  ${error.why.replaceAll('\n', '\n  ')}` : ''}${error.next ? `\n  → ${error.next}` : ''}`,
      )
      .join('\n'),
    next: 'nothing was changed',
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
  const { host, why, next, cause, message } = reason
  const gone = command ? `if the host is lost: kubestrap ${command} --gone ${name}` : wayOut(name)
  return new UserError('connection', message, {
    cause,
    ...(host ? { host } : {}),
    ...(why ? { why } : {}),
    next: next ? `${next}\n→ ${gone}` : gone,
  })
}

/** What to do about a host that will not come back. */
export const wayOut = (name: string): string =>
  `if the host is lost: kubestrap remove --gone --edit-inventory ${name}`
