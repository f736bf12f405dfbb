import { catalog } from '../../../src/catalog.js'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import { Late } from '../../../src/engine/late.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine, withVersion } from '../context.js'

/** The steps of the birth of a cluster, in the order in which `up` takes them, for hosts that are real machines. */
export function birthGraph(spec: ClusterSpec): Graph {
  const machines = spec.hosts.map((host) =>
    withVersion(spec.version, machine(host, { container: undefined })),
  )
  const network = catalog.networks.find(({ id }) => id === spec.network)
  if (!network) throw new Error(`no network is called ${spec.network}`)
  const context = contextOf(machines, {
    spec,
    network,
    runtime: catalog.runtimeFor(spec.runtime, releaseFor(spec.version)),
    podCidrs: new Map(spec.hosts.map(({ name }) => [name, new Late<string>(name)])),
  })
  return buildGraph(up.phases, context)
}
