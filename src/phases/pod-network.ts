import { type Context, networkSettings, nodes as nodesOf } from '../cluster/context.js'
import { kubeletUnit } from '../cluster/kubelet-unit.js'
import { isNode, type Machine } from '../cluster/machine.js'
import { Late } from '../engine/late.js'
import type { Phase } from '../engine/phase.js'
import { stepKey } from '../engine/step.js'
import { nameOf } from '../kubernetes/read.js'
import type { NetworkNode, NodeSettings, Peers } from '../networks/network.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { service } from '../resources/service.js'
import { networkOs } from '../steps/programs/kubernetes-packages.js'
import { inTurn } from '../steps/rollout/in-turn.js'
import { networkTransaction } from '../steps/rollout/node-transaction.js'
import { readyAgainStep } from '../steps/rollout/ready-again.js'
import { allNodes, nodeKey } from './nodes.js'

/**
 * INPUTS: each node's podCIDR.
 * OUTPUTS: what the plug-in of the Pod network needs on each node.
 */
export const podNetwork: Phase<Context> = {
  id: 'pod-network',
  title: 'Pod network',
  about: 'CNI configuration, routes and rules of the Pod network on each node.',
  steps: (context) => {
    const { chosen } = context
    const nodes = nodesOf(context).map((machine) => ({ machine, node: networkNode(context, machine) }))
    const all = peersOf(nodes.map(({ node }) => node))
    const looked = chosen ? peersOf(all.nodes.filter(({ name }) => chosen.has(name))) : all
    const settings: NodeSettings = {
      ...networkSettings(context),
      inventory: new Set(context.spec.hosts.filter((spec) => isNode({ spec })).map(({ name }) => name)),
      chosen,
      allKnownAfter: allNodes,
      members: oncePerTurn(async () =>
        (await (await context.kube()).list({ apiVersion: 'v1', kind: 'Node' })).map(nameOf),
      ),
    }
    return nodes.flatMap(({ machine, node: own }) => {
      const { host } = machine
      const peers = chosen?.has(host.name) === false ? looked : all
      const within = networkTransaction(context, machine)
      const steps = context.network
        .nodeSteps(host, networkOs(context, machine), own, peers, settings)
        .map((step) =>
          within && step.marks?.includes(kubeletUnit)
            ? inTurn(context, machine, step, { unit: kubeletUnit, within })
            : step,
        )
      // A kubelet looks for a network every 5 s and tells the cluster every 10 s; a fresh start does both
      // at once, and makes the API's view of the static pods (mirror pods) whole.
      const fresh = service(host, {
        unit: kubeletUnit,
        id: 'kubelet-sees-network',
        title: 'kubelet sees the network',
        within,
        needs: [
          // before the node is there its kubelet is not: a network whose Pods configure it has no other step that waits
          own.knownAfter,
          ...steps.filter((step) => step.nodes === undefined).map((step) => `${host.name}/${step.id}`),
        ],
      })
      if (within === undefined) return [...steps, fresh]
      const ready = readyAgainStep(context, machine, {
        id: 'ready-with-network',
        within,
        needs: [stepKey(fresh)],
      })
      return [...steps, fresh, ready]
    })
  },
}

const networkNode = ({ podCidrs }: Context, { spec: { name, address } }: Machine): NetworkNode => ({
  name,
  address,
  podCidr: podCidrs.get(name) ?? new Late(`the Pod subnet of ${name}`),
  knownAfter: nodeKey(name),
})

const peersOf = (nodes: readonly NetworkNode[]): Peers => ({ nodes, names: nodes.map(({ name }) => name) })
