import { type Context, controlPlanes, criSocket, nodes as nodesOf } from '../cluster/context.js'
import { crashWatch } from '../cluster/crash-watch.js'
import { nodeEvidence } from '../cluster/evidence.js'
import { isControlPlane, type Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Need, type Step } from '../engine/step.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { nodeMarks } from '../kubernetes/config/node-marks.js'
import { type PodCidrRefusal, podCidrRule, podCidrsOf } from '../kubernetes/pod-cidr.js'
import { nameOf, textAt } from '../kubernetes/read.js'
import { UserError } from '../lib/errors.js'
import { atMostEvery } from '../resources/at-most-every.js'
import { nodeMarksStep } from '../resources/node-marks.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { awaited } from '../resources/wait-for.js'
import { allNodes as nodesNow, watchedNodes } from '../steps/rollout/nodes-api.js'

/**
 * INPUTS: kubelets that run.
 * OUTPUTS: each Node exists, has a podCIDR that other nodes may route to (known to the steps that wait for the
 * podCIDR), and has the labels, taints and annotations of kubeadm and of the inventory.
 */
export const nodes: Phase<Context> = {
  id: 'nodes',
  title: 'Nodes',
  about: 'Nodes are registered, have a Pod subnet, labels and taints.',
  steps: (context) => {
    const { networking, controllerManager } = context.spec
    const rule = podCidrRule(networking.podSubnet, controllerManager.extraArgs)
    const registeredOf = (nodes: readonly Json[]): Registered => ({
      nodes: new Map(nodes.map((node) => [nameOf(node), node])),
      podCidrs: podCidrsOf(nodes, rule),
    })
    const all = oncePerTurn(async () => registeredOf(await nodesNow(await context.kube())))
    const machines = nodesOf(context)
    const lately = atMostEvery(Math.max(lookMs, machines.length * lookMsPerNode), context, async () =>
      registeredOf(await watchedNodes(await context.kube())),
    )
    return machines.flatMap((machine) => [
      registered(context, machine, { all, lately }),
      nodeMarksStep(
        context.kube,
        machine.spec.name,
        nodeMarks(context.spec, machine.spec, machine.release.wanted, {
          criSocket: criSocket(context, machine),
        }),
        {
          needs: [nodeKey(machine.spec.name)],
          all: async () => (await all()).nodes,
          now: context.now,
          sleep: context.sleep,
        },
      ),
    ])
  },
}

/** Key of the step that knows a node's podCIDR. */
export const nodeKey = (name: string): string => `${clusterTarget}/node:${name}`

/** All of these. */
export const allNodes: Need = `${clusterTarget}/node:*`

/** How often one who waits looks, milliseconds; and how long what is made of all Nodes serves those who wait, for each of them. */
const lookMs = 200
const lookMsPerNode = 4

/** What the API has, read once for all who look in one turn. */
interface Registered {
  nodes: ReadonlyMap<string, Json>
  podCidrs: ReadonlyMap<string, string | PodCidrRefusal>
}

interface Seen {
  /** What is still to come about. */
  missing: string | undefined
  podCidr: string | undefined
}

function registered(
  context: Context,
  machine: Machine,
  { all, lately }: { all: () => Promise<Registered>; lately: () => Promise<Registered> },
): Step<Seen> {
  const { name } = machine.spec
  const cidr = context.podCidrs.get(name)
  const watch = crashWatch(context, machine, [])
  const missing = (what: string): Seen => ({ missing: what, podCidr: undefined })
  return {
    id: `node:${name}`,
    title: `node ${name} registered`,
    target: clusterTarget,
    node: name,
    needs: [
      `${clusterTarget}/api-ready`,
      isControlPlane(machine) ? `${name}/@kubelet-start` : `${name}/@join`,
    ],
    settle: { withinMs: 120_000, everyMs: lookMs },
    waits: true,
    evidence: async (ageMs) => {
      const others = controlPlanes(context).filter((other) => other !== machine)
      const told = await Promise.all([machine, ...others].map((one) => nodeEvidence(context, one, { ageMs })))
      return told.join('\n')
    },
    probe: async ({ planning } = { planning: false, applied: false }) => {
      const { nodes, podCidrs } = await (planning ? all() : lately())
      const node = nodes.get(name)
      if (node === undefined) {
        await watch()
        return missing(`node ${name} registers`)
      }
      const found = podCidrs.get(name)
      if (found === undefined) return missing(`Pod subnet of node ${name}`)
      if (typeof found !== 'string')
        throw new UserError('step', `the podCIDR of node ${name} is refused`, {
          host: name,
          why: `spec.podCIDR is ${textAt(node, 'spec', 'podCIDR')}: ${found.what}. The other nodes would route to it.`,
          next: `find out who set it; then kubectl delete node ${name}, restart its kubelet and run kubestrap up again`,
          final: true,
        })
      return { missing: undefined, podCidr: found }
    },
    diff: (seen) => awaited(seen.missing),
    learn: ({ podCidr }) => {
      if (podCidr !== undefined) cidr?.set(podCidr)
    },
    apply: async () => {},
  }
}
