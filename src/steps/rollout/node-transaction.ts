import { servedRelease } from '../../cluster/cluster-release.js'
import { type Context, hasSeveralPlanes } from '../../cluster/context.js'
import { isControlPlane, isNode, type Machine } from '../../cluster/machine.js'
import type { ApplyContext, Disruption } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'
import { UserError } from '../../lib/errors.js'
import { untilSpare } from '../etcd/spare.js'
import { isCordonedByUs, isReady, wasNeverReady } from './cordon.js'
import { drain } from './drain.js'
import { type DrainWords, inRollout } from './drain-words.js'
import { allNodes, nodeRef } from './nodes-api.js'

/** How long others that are not available may take to come back, beyond a drain, before the next node is interrupted. */
const patienceMs = 120_000
const everyMs = 1000

const made = new WeakMap<Context, Map<string, Transaction>>()

/**
 * What interrupts a node that is part of the cluster: restarts of its runtime and its kubelet, and all between. It is
 * drained before the first that ends its Pods, and uncordoned at the end by the phase `uncordon`. Undefined for a machine
 * that is no node yet: nothing is lost while it is changed.
 * @param words what errors of its drain tell the reader to do; the first that asks for it says so
 */
export function nodeTransaction(
  context: Context,
  machine: Machine,
  words: DrainWords = inRollout,
): Transaction | undefined {
  if (!isNode(machine) || !machine.facts.kubernetes) return undefined
  const { name } = machine.spec
  const all = made.get(context) ?? new Map<string, Transaction>()
  made.set(context, all)
  const transaction = all.get(name) ?? transactionOf(context, machine, words)
  all.set(name, transaction)
  return transaction
}

/** A runtime that restarts takes what runs in it along: on a control plane node its API server, member and balancer. */
const held = (machine: Machine): Disruption[] =>
  isControlPlane(machine) ? ['etcd', 'api', 'balancer', 'node'] : ['node']

function transactionOf(context: Context, machine: Machine, words: DrainWords): Transaction {
  const { name } = machine.spec
  const { now, sleep, spec } = context
  return {
    id: `${name}/node`,
    holds: held(machine),
    absent: async (how) => {
      const client = await api(context, machine, how)
      const node = await client?.get(nodeRef(name))
      return node !== undefined && !isAvailable(node) ? ['node'] : []
    },
    guard: async ({ progress }, absent, meanwhile) => {
      const client = absent.includes('node') ? undefined : await api(context, machine, { progress })
      if (client === undefined) return
      const deadline = now().getTime() + spec.rollout.drain.timeoutMs + patienceMs
      for (let told = ''; ; ) {
        const all = await allNodes(client)
        // those that the operator goes without are not waited for
        const counted = all.filter((node) => nameOf(node) !== name && !context.away.has(nameOf(node)))
        // nor one that is still being made: what makes it whole may wait for this very machine
        const away = counted.filter((node) => !isAvailable(node) && !isHalfMade(node)).map(nameOf)
        if (away.length < spec.rollout.maxUnavailable) return
        const line = `not available: ${away.join(', ')}`
        if (now().getTime() >= deadline)
          throw new UserError('step', `${name} is not interrupted: too many other nodes are not available`, {
            host: name,
            why: `${line}; rollout.maxUnavailable is ${spec.rollout.maxUnavailable}`,
            next: 'fix these nodes, or reset those that will not come back; then run kubestrap up again',
          })
        if (line !== told) progress(`waits for other nodes; ${line}`)
        told = line
        // a control plane node that an earlier run left drained needs the same turn to come back
        await meanwhile(() => sleep(everyMs))
      }
    },
    vacate: async ({ progress, signal }) => {
      // what ends its Pods ends its etcd member too
      if (isControlPlane(machine) && !spec.etcd.external && hasSeveralPlanes(context))
        await untilSpare(context, machine)
      const client = await api(context, machine, { progress })
      if (client === undefined) return
      progress(`draining ${name}`)
      await drain(client, name, {
        drain: spec.rollout.drain,
        eviction: servedRelease(context).eviction,
        now,
        sleep,
        progress,
        signal,
        words,
      })
    },
  }
}

const isHalfMade = (node: Json): boolean => wasNeverReady(node) && !isCordonedByUs(node)

/** Whether a node does its part: it is Ready, and no run of kubestrap drained it. */
const isAvailable = (node: Json): boolean => isReady(node) && !isCordonedByUs(node)

/**
 * The API, to ask about nodes. Undefined for a control plane node while no API server answers: what is to be changed
 * there may be what brings it back, and no Pod can be moved meanwhile.
 */
async function api(
  context: Context,
  machine: Machine,
  { progress }: ApplyContext,
): Promise<KubeClient | undefined> {
  try {
    const client = await context.kube()
    const { status } = await client.text('/readyz')
    if (status === 200) return client
    throw new Error(`the API server answers /readyz with ${status}`)
  } catch (error) {
    if (!isControlPlane(machine)) throw error
    progress('no API server answers: nothing is drained')
    return undefined
  }
}
