import type { Options } from 'yargs'
import type { Node } from '../engine/graph.js'
import type { Plan } from '../engine/plan.js'
import { clusterTarget } from '../engine/step.js'
import { selectHosts } from '../inventory/select.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { nodeKey } from '../phases/nodes.js'
import { list } from './command.js'

export const limitOption = {
  limit: {
    alias: 'l',
    type: 'string',
    array: true,
    default: [],
    describe: 'only these hosts: names, globs (w*), groups, roles (worker); repeatable or comma-separated',
    requiresArg: true,
  },
} satisfies Record<string, Options>

/** Names of the hosts --limit leaves; all without it. Throws UserError('usage') for a pattern that names none. */
export function limited(spec: ClusterSpec, values: Record<string, unknown>): string[] {
  const patterns = list(values, 'limit')
  const hosts = patterns.length === 0 ? spec.hosts : selectHosts(spec, patterns)
  return hosts.map(({ name }) => name)
}

/** For --limit: the hosts, and which steps may be applied; nothing when nothing is limited. */
export function limitsOf(
  spec: ClusterSpec,
  values: Record<string, unknown>,
): { chosen?: ReadonlySet<string>; keep?: (node: Node, plan: Plan) => boolean } {
  return limitsTo(spec, limited(spec, values))
}

/** The same for hosts by name. */
export function limitsTo(spec: ClusterSpec, names: readonly string[]): ReturnType<typeof limitsOf> {
  const chosen = new Set(names)
  if (chosen.size === spec.hosts.length) return {}
  const leads = spec.hosts.some(({ name, roles }) => chosen.has(name) && roles.includes('control-plane'))
  return { chosen, keep: (node, plan) => concerns(node, chosen, plan, leads) }
}

/**
 * A host's own steps, its Node, and the routes between it and the nodes there are; with `cluster` also
 * what is the whole cluster's. A machine that is neither chosen nor a node yet is not touched, and
 * nobody needs a route to it.
 */
export function concerns({ step }: Node, chosen: ReadonlySet<string>, plan: Plan, cluster: boolean): boolean {
  const isNode = (name: string): boolean => chosen.has(name) || plan.get(nodeKey(name))?.kind === 'converged'
  const { target, node, nodes } = step
  if (target === clusterTarget) return node === undefined ? cluster : chosen.has(node)
  if (nodes === undefined) return chosen.has(target)
  return (
    isNode(target) &&
    nodes.some((name) => name !== target && (chosen.has(target) || chosen.has(name)) && isNode(name))
  )
}
