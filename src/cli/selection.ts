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

/** For --limit: which steps may be applied; undefined when nothing is limited. */
export function keepLimited(
  spec: ClusterSpec,
  values: Record<string, unknown>,
): ((node: Node, plan: Plan) => boolean) | undefined {
  const names = limited(spec, values)
  if (names.length === spec.hosts.length) return undefined
  const leads = spec.hosts.some(({ name, roles }) => names.includes(name) && roles.includes('control-plane'))
  return (node, plan) => concerns(node, names, plan, leads)
}

/**
 * A host's own steps, its Node, and the routes between it and the nodes there are; with `cluster` also
 * what is the whole cluster's. A machine that is neither chosen nor a node yet is not touched, and
 * nobody needs a route to it.
 */
export function concerns({ step }: Node, chosen: readonly string[], plan: Plan, cluster: boolean): boolean {
  const isNode = (name: string): boolean =>
    chosen.includes(name) || plan.get(nodeKey(name))?.kind === 'converged'
  const { target, node } = step
  if (target === clusterTarget) return node === undefined ? cluster : chosen.includes(node)
  if (node === undefined) return chosen.includes(target)
  return (chosen.includes(target) || chosen.includes(node)) && isNode(target) && isNode(node)
}
