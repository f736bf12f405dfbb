import { servedRelease } from '../../cluster/cluster-release.js'
import { type Context, hasSeveralPlanes } from '../../cluster/context.js'
import { isControlPlane, isNode, type Machine } from '../../cluster/machine.js'
import { leavesRuntime } from '../../cluster/runtime-change.js'
import type { ApplyContext, Disruption } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'
import { isBug, messageOf, UserError } from '../../lib/errors.js'
import { untilSpare } from '../etcd/spare.js'
import { isCordonedByUs, isReady, wasNeverReady } from './cordon.js'
import { drain } from './drain.js'
import { type DrainWords, inRollout } from './drain-words.js'
import { noteInterruption } from './interruption.js'
import { allNodes, confirmed, nodeRef, watchedNodes } from './nodes-api.js'
import { untilOtherApi } from './until-others.js'

/** How long others that are not available may take to come back, beyond a drain, before the next node is interrupted. */
const patienceMs = 120_000
const everyMs = 1000
/** How long an API server may take to be ready where no change here can bring it back, and where one may, ms. */
const answerMs = 60_000
const momentMs = 5_000

const made = new WeakMap<Context, Map<string, Transaction>>()

/**
 * What interrupts a node that is part of the cluster: restarts of its runtime and its kubelet, and all between. It is
 * drained before the first that ends its Pods, and uncordoned at the end by the phase `uncordon`. Undefined for a machine
 * that is no node yet: nothing is lost while it is changed.
 * @param use the first that asks for it says so. `words`: what errors of its drain tell the reader to do. `repairs`: what is
 *   changed may be what brings the API back, so that a control plane node does not wait for one
 */
export function nodeTransaction(
  context: Context,
  machine: Machine,
  use: Use = { words: inRollout, repairs: true },
): Transaction | undefined {
  return once(context, machine, `${machine.spec.name}/node`, (id) =>
    transactionOf(context, machine, { ...use, id, holds: held(machine) }),
  )
}

/**
 * The same for a restart of the kubelet that takes up what is of the Pod network: one of its own, as its steps wait for the
 * Node, which what is in the other one may bring about. Nothing is drained: Pods keep what they have.
 */
export function networkTransaction(context: Context, machine: Machine): Transaction | undefined {
  return once(context, machine, `${machine.spec.name}/network`, (id) =>
    transactionOf(context, machine, { words: inRollout, repairs: true, id, holds: ['node'] }),
  )
}

/** That of a context by its id. Undefined for a machine that is no node yet. */
function once(
  context: Context,
  machine: Machine,
  id: string,
  make: (id: string) => Transaction,
): Transaction | undefined {
  if (!isNode(machine) || !machine.facts.kubernetes) return undefined
  const all = made.get(context) ?? new Map<string, Transaction>()
  made.set(context, all)
  const transaction = all.get(id) ?? make(id)
  all.set(id, transaction)
  return transaction
}

/** A runtime that restarts takes what runs in it along: on a control plane node its API server, member and balancer. */
const held = (machine: Machine): Disruption[] =>
  isControlPlane(machine) ? ['etcd', 'api', 'balancer', 'node'] : ['node']

interface Use {
  words: DrainWords
  repairs: boolean
}

function transactionOf(
  context: Context,
  machine: Machine,
  { words, id, holds, ...use }: Use & Pick<Transaction, 'id' | 'holds'>,
): Transaction {
  const { name } = machine.spec
  const { now, sleep, spec } = context
  const leaves = leavesRuntime(context, machine)
  const repairs = leaves ? context.runtimeChange?.silent === true : use.repairs
  const several = isControlPlane(machine) && hasSeveralPlanes(context)
  /** Those that do its work while it is drained of everything: asked again after a drain, which may take long. */
  const othersWork = async (how: ApplyContext): Promise<void> => {
    if (several && !spec.etcd.external) await untilSpare(context, machine)
    if (several && leaves && !repairs) await untilOtherApi(context, machine, how)
  }
  const untilSpared = async (
    client: KubeClient,
    { progress }: ApplyContext,
    meanwhile: (wait: () => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    const deadline = now().getTime() + spec.rollout.drain.timeoutMs + patienceMs
    const awayIn = (all: readonly Json[]): string[] => {
      // those that the operator goes without are not waited for
      const counted = all.filter((node) => nameOf(node) !== name && !context.away.has(nameOf(node)))
      // nor one that is still being made: what makes it whole may wait for this very machine
      return counted.filter((node) => !isAvailable(node) && !isHalfMade(node)).map(nameOf)
    }
    const spares = (away: readonly string[]): boolean => away.length < spec.rollout.maxUnavailable
    for (let told = ''; ; ) {
      const ask = async (): Promise<string[]> => awayIn(await allNodes(client))
      const away =
        told === ''
          ? await ask()
          : await confirmed(async () => awayIn(await watchedNodes(client)), ask, spares)
      if (spares(away)) return
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
  }
  const transaction: Transaction = {
    id,
    holds,
    absent: async (how) => {
      const client = await api(context, machine, how, repairs)
      const node = await client?.get(nodeRef(name))
      return node !== undefined && !isAvailable(node) ? ['node'] : []
    },
    guard: async (how, absent, meanwhile) => {
      const client = absent.includes('node') ? undefined : await api(context, machine, how, repairs)
      if (client) await untilSpared(client, how, meanwhile)
      // what is begun anew as it is has its own way to tell whether it works again
      if (!use.repairs) return
      const node = await client?.get(nodeRef(name))
      await noteInterruption(transaction, machine, node !== undefined && isAvailable(node))
    },
    vacate: async (how) => {
      const { progress, signal, ended } = how
      // what ends its Pods ends its etcd member too
      await othersWork(how)
      const client = await api(context, machine, how, repairs)
      if (client === undefined) return
      progress(`draining ${name}`)
      await drain(client, name, {
        drain: spec.rollout.drain,
        eviction: servedRelease(context).eviction,
        now,
        sleep,
        progress,
        signal,
        ended,
        words,
      })
      await othersWork(how)
    },
  }
  return transaction
}

const isHalfMade = (node: Json): boolean => wasNeverReady(node) && !isCordonedByUs(node)

/** Whether a node does its part: it is Ready, and no run of kubestrap drained it. */
const isAvailable = (node: Json): boolean => isReady(node) && !isCordonedByUs(node)

/**
 * The API, to ask about nodes. A moment without it, as an election of etcd or a restart of an API server has, is waited for.
 * Undefined for a control plane node while no API server answers: what is to be changed there may be what brings it back, and
 * no Pod can be moved meanwhile. Throws UserError('step') with the last answer for a worker, which brings none back, and
 * where nothing is repaired.
 */
async function api(
  context: Context,
  machine: Machine,
  { progress, signal, ended }: ApplyContext,
  repairs: boolean,
): Promise<KubeClient | undefined> {
  const mayRepair = repairs && isControlPlane(machine)
  const deadline = context.now().getTime() + (mayRepair ? momentMs : answerMs)
  for (let told = false; ; told = true)
    try {
      const client = await context.kube()
      const { status } = await client.text('/readyz')
      if (status === 200) return client
      throw new Error(`the API server answers /readyz with ${status}`)
    } catch (error) {
      if (isBug(error)) throw error
      const isOver = context.now().getTime() >= deadline || signal?.aborted || ended?.() !== undefined
      if (isOver && mayRepair) {
        progress('no API server answers: nothing is drained')
        return undefined
      }
      if (isOver)
        throw new UserError('step', `${machine.spec.name} is not interrupted: no API server is ready`, {
          host: machine.spec.name,
          why: messageOf(error),
          next: 'restore the API first (kubestrap status), and run again',
          cause: error,
        })
      if (!told) progress(`waits for an API server: ${messageOf(error)}`)
      await context.sleep(everyMs)
    }
}
