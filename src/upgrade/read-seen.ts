import type { Context } from '../cluster/context.js'
import { NotYet } from '../engine/late.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { listAt, nameOf, textAt } from '../kubernetes/read.js'
import { isVersion } from '../kubernetes/releases/versions.js'
import { isBug } from '../lib/errors.js'
import { shortly } from '../operations/look.js'
import type { Seen } from './hops.js'
import { type NodeRuns, nodeRuns, type UnknownRuns } from './node-runs.js'

/**
 * What every node of the cluster runs: of machines that are reached by what lies on them, of others (away, or not in the
 * inventory) by what the API says of them. One round trip to each machine, two to the API. What could not be read is
 * told as unknown, and nothing is thrown for it.
 */
export async function readSeen(context: Context): Promise<Seen> {
  const nodes = context.machines.filter(({ facts }) => facts.kubernetes)
  const [read, others] = await Promise.all([
    Promise.all(nodes.map(async ({ spec, release }) => nodeRuns(spec.name, await release.runs()))),
    readOthers(context, new Set(nodes.map(({ spec }) => spec.name))),
  ])
  return {
    nodes: [...read.map(({ runs }) => runs), ...others.nodes],
    unknown: [...read.flatMap(({ unknown }) => unknown), ...others.unknown],
  }
}

/** Of nodes that are not reached: by the version of each kubelet, and the images of the static Pods. */
async function readOthers(context: Context, reached: ReadonlySet<string>): Promise<Seen> {
  try {
    const kube = await context.kube()
    const [nodes, pods] = await Promise.all([
      kube.list({ apiVersion: 'v1', kind: 'Node' }),
      kube.list({ apiVersion: 'v1', kind: 'Pod' }, 'kube-system', 'labelSelector=tier%3Dcontrol-plane'),
    ])
    const others = nodes.filter((node) => !reached.has(nameOf(node))).map((node) => runsOfNode(node, pods))
    return {
      nodes: others.flatMap((one) => ('why' in one ? [] : [one])),
      unknown: others.flatMap((one) => ('why' in one ? [one] : [])),
    }
  } catch (error) {
    if (error instanceof NotYet) return { nodes: [], unknown: [] }
    if (isBug(error)) throw error
    return {
      nodes: [],
      unknown: [{ host: 'cluster', program: 'nodes that are not reached', why: shortly(error) }],
    }
  }
}

/** A node as the API has it. Pure. */
export function runsOfNode(node: Json, pods: readonly Json[]): NodeRuns | UnknownRuns {
  const host = nameOf(node)
  const kubelet = withoutV(textAt(node, 'status', 'nodeInfo', 'kubeletVersion'))
  if (!isVersion(kubelet)) return { host, program: 'kubelet', why: 'the API does not show its version' }
  const versionOf = (component: string): string | undefined => {
    const pod = pods.find(
      (one) =>
        textAt(one, 'spec', 'nodeName') === host &&
        textAt(one, 'metadata', 'labels', 'component') === component,
    )
    const tag =
      textAt(listAt(pod, 'spec', 'containers')[0], 'image')
        .split(':')
        .at(-1) ?? ''
    const version = withoutV(tag).replaceAll('_', '+')
    return isVersion(version) ? version : undefined
  }
  const [apiServer, controllerManager, scheduler] = [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
  ].map(versionOf)
  return {
    host,
    kubelet,
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(controllerManager === undefined ? {} : { controllerManager }),
    ...(scheduler === undefined ? {} : { scheduler }),
    away: true,
  }
}

const withoutV = (version: string): string => version.replace(/^v/, '')
