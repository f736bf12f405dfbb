import { Late } from '../engine/late.js'
import type { Phase } from '../engine/phase.js'
import { nameOf } from '../kubernetes/read.js'
import type { NetworkNode } from '../networks/network.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { service } from '../resources/service.js'
import { type Context, networkSettings, nodes as nodesOf } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'
import { networkOs } from './kubernetes-packages.js'
import { nodeKey } from './nodes.js'

/**
 * INPUTS: each node's podCIDR.
 * OUTPUTS: what the pod network plug-in needs on each node.
 */
export const podNetwork: Phase<Context> = {
  id: 'pod-network',
  title: 'Pod network',
  about: 'CNI configuration, routes and rules of the Pod network on each node.',
  steps: (context) => {
    const nodes = nodesOf(context).map(({ spec }): NetworkNode => {
      const { name, address } = spec
      return {
        name,
        address,
        podCidr: context.podCidrs.get(name) ?? new Late(`the Pod subnet of ${name}`),
        knownAfter: nodeKey(name),
      }
    })
    const settings = {
      ...networkSettings(context),
      members: oncePerTurn(async () =>
        (await (await context.kube()).list({ apiVersion: 'v1', kind: 'Node' })).map(nameOf),
      ),
    }
    return nodesOf(context).flatMap((machine) => {
      const { host } = machine
      const own = nodes.find((node) => node.name === host.name)
      if (!own) return []
      const peers = nodes.filter((node) => node !== own)
      const steps = context.network.nodeSteps(host, networkOs(context, machine), own, peers, settings)
      // A kubelet looks for a network every 5 s and tells the cluster every 10 s; a fresh start does both
      // at once, and makes the API's view of the static pods (mirror pods) whole.
      const fresh = service(host, {
        unit: kubeletUnit,
        id: 'kubelet-sees-network',
        title: 'kubelet sees the network',
        needs: [
          // before the node is there its kubelet is not: a network whose Pods configure it has no other step that waits
          own.knownAfter,
          ...steps.filter((step) => step.node === undefined).map((step) => `${host.name}/${step.id}`),
        ],
      })
      return [...steps, fresh]
    })
  },
}
