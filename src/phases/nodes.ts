import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Step } from '../engine/step.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { nodeMarks } from '../kubernetes/config/node-marks.js'
import { nodeMarksStep } from '../resources/node-marks.js'
import { waitFor } from '../resources/wait-for.js'
import { type Context, controlPlanes, criSocket, nodes as nodesOf } from './context.js'
import { nodeEvidence } from './evidence.js'
import { isControlPlane, type Machine } from './machine.js'

/**
 * INPUTS: kubelets that run.
 * OUTPUTS: each Node exists, has its podCIDR (told to whoever waits for it), and carries the
 * labels, taints and annotations kubeadm and the inventory give it.
 */
export const nodes: Phase<Context> = {
  id: 'nodes',
  title: 'Nodes',
  about: 'Nodes are registered, have a pod subnet, and carry their labels and taints.',
  steps: (context) =>
    nodesOf(context).flatMap((machine) => [
      registered(context, machine),
      nodeMarksStep(
        context.kube,
        machine.spec.name,
        nodeMarks(context.spec, machine.spec, context.release, { criSocket: criSocket(context) }),
        { needs: [nodeKey(machine.spec.name)], now: context.now, sleep: context.sleep },
      ),
    ]),
}

/** Key of the step that knows a node's podCIDR. */
export const nodeKey = (name: string): string => `${clusterTarget}/node:${name}`

function registered(context: Context, machine: Machine): Step<string | undefined> {
  const { name } = machine.spec
  const cidr = context.podCidrs.get(name)
  return waitFor({
    id: `node:${name}`,
    title: `node ${name} registered`,
    target: clusterTarget,
    node: name,
    needs: [
      `${clusterTarget}/api-ready`,
      isControlPlane(machine) ? `${name}/@kubelet-start` : `${name}/@join`,
    ],
    withinMs: 120_000,
    everyMs: 200,
    evidence: async () => {
      const others = controlPlanes(context).filter((other) => other !== machine)
      const told = await Promise.all([machine, ...others].map((one) => nodeEvidence(context, one)))
      return told.join('\n')
    },
    look: async () => {
      const node = await (await context.kube()).get({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
      if (node === undefined) return `node ${name} registers`
      const found = podCidrOf(node)
      if (found === undefined) return `node ${name} gets its pod subnet`
      cidr?.set(found)
      return undefined
    },
  })
}

function podCidrOf(node: Json): string | undefined {
  const { spec } = node
  const found = typeof spec === 'object' && spec !== null && 'podCIDR' in spec ? spec.podCIDR : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}
