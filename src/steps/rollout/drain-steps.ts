import { servedRelease } from '../../cluster/cluster-release.js'
import type { Context } from '../../cluster/context.js'
import { NotYet } from '../../engine/late.js'
import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import type { RolloutSpec } from '../../inventory/spec.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'
import { isBug, messageOf, UserError } from '../../lib/errors.js'
import {
  cordonPatch,
  isCordoned,
  isCordonedByPerson,
  isCordonedByUs,
  personalCordonPatch,
  takesPod,
  uncordonPatch,
} from './cordon.js'
import { countedPods, evictPods, refusal, stillThere } from './drain.js'
import type { DrainWords } from './drain-words.js'
import type { Leaving } from './evictable.js'
import { allNodes, nodeRef, patched } from './nodes-api.js'

export interface DrainWish extends Pick<RolloutSpec, 'drain'> {
  /** Whose cordon it is: a person's stays, one of kubestrap's is taken back by the next `up`. */
  by: 'person' | 'kubestrap'
  /** Names of the nodes that are drained in this run. */
  together: readonly string[]
  /** Whether a Node that does not exist is an error. */
  mustExist: boolean
  words: DrainWords
  /** What to do where the API cannot be asked. */
  unasked: string
}

export const drainedKey = (name: string): Need => `${clusterTarget}/drain:${name}`

interface Cordoning {
  node: Json | undefined
  refused: readonly string[]
}

interface Draining {
  leaving: readonly Leaving[]
  refused: readonly string[]
  /** Those of `leaving` that no other node takes. */
  stranded: readonly Leaving[]
}

/**
 * A node takes no new Pods. Where its Pods cannot be looked at, or one of them would be lost, the run stops before anything is
 * changed anywhere.
 */
function cordonStep(context: Context, name: string, wish: DrainWish): Step<Cordoning> {
  return {
    id: `cordon:${name}`,
    title: `${name} takes no new Pods`,
    target: clusterTarget,
    node: name,
    needs: [],
    guards: true,
    probe: () =>
      asking(context, name, wish, async (client) => {
        const [node, { refused }] = await Promise.all([
          client.get(nodeRef(name)),
          stillThere(client, name, wish),
        ])
        return { node, refused }
      }),
    diff: ({ node, refused }) => {
      if (node === undefined && wish.mustExist) throw noNode(name)
      if (node === undefined) return []
      if (refused.length > 0) throw refusal(name, refused, wish.words)
      const done = wish.by === 'person' ? isCordonedByPerson(node) : isCordoned(node)
      return done ? [] : [{ kind: 'update', summary: `cordon ${name}` }]
    },
    apply: async () => {
      const client = await context.kube()
      await patched(client, name, (node) =>
        wish.by === 'person' ? personalCordonPatch(node) : cordonPatch(node, context.now()),
      )
    },
  }
}

/** No Pod that a drain moves is left on a node that is cordoned. */
function drainStep(context: Context, name: string, wish: DrainWish, needs: readonly Need[]): Step<Draining> {
  return {
    id: `drain:${name}`,
    title: `Pods of ${name} are evicted`,
    target: clusterTarget,
    node: name,
    needs,
    probe: () =>
      asking(context, name, wish, async (client) => {
        const [pods, nodes] = await Promise.all([stillThere(client, name, wish), allNodes(client)])
        const others = nodes.filter((node) => !wish.together.includes(nameOf(node)))
        const stranded = pods.leaving.filter(
          ({ tolerations }) => !others.some((node) => takesPod(node, tolerations)),
        )
        return { ...pods, stranded }
      }),
    diff: ({ leaving, refused, stranded }) => {
      if (refused.length > 0) throw refusal(name, refused, wish.words)
      if (leaving.length === 0) return []
      return [
        {
          kind: 'stop',
          summary: `drain ${name} (evict ${countedPods(leaving)})`,
          ...(stranded.length === 0 ? {} : { effects: [{ kind: 'remark', text: pending(stranded) }] }),
        },
      ]
    },
    apply: async (_, { progress, signal, ended, observed }) => {
      if (observed.stranded.length > 0) progress(pending(observed.stranded))
      const { now, sleep } = context
      const { eviction } = servedRelease(context)
      const client = await context.kube()
      await evictPods(client, name, { ...wish, eviction, now, sleep, progress, signal, ended })
    },
  }
}

/**
 * Steps that drain nodes: all are cordoned, so that no Pod goes from one to the next, and then drained in their order. The
 * last of a node is `drainedKey`.
 */
export function drainSteps(context: Context, names: readonly string[], wish: DrainWish): Step[] {
  return names.flatMap((name, i) => {
    const before = names[i - 1]
    return [
      cordonStep(context, name, wish),
      drainStep(context, name, wish, [
        `${clusterTarget}/cordon:*`,
        ...(before === undefined ? [] : [drainedKey(before)]),
      ]),
    ]
  })
}

/** A node takes Pods again, whoever cordoned it. */
export function uncordonStep(
  context: Context,
  name: string,
  unasked: string,
): Step<{ node: Json | undefined }> {
  return {
    id: `uncordon:${name}`,
    title: `${name} takes Pods`,
    target: clusterTarget,
    node: name,
    needs: [],
    guards: true,
    probe: () =>
      asking(context, name, { unasked }, async (client) => ({ node: await client.get(nodeRef(name)) })),
    diff: ({ node }) => {
      if (node === undefined) throw noNode(name)
      return isOpen(node) ? [] : [{ kind: 'update', summary: `uncordon ${name}` }]
    },
    apply: async () => {
      await patched(await context.kube(), name, (node) => (isOpen(node) ? undefined : uncordonPatch(node)))
    },
  }
}

const isOpen = (node: Json): boolean => !isCordoned(node) && !isCordonedByUs(node)

const pending = (stranded: readonly Leaving[]): string =>
  `no other node takes ${countedPods(stranded)}: they stay Pending`

/** Asks the API. Throws UserError with what to do where it gives no answer: nothing may be concluded then. */
async function asking<T>(
  context: Context,
  name: string,
  { unasked }: Pick<DrainWish, 'unasked'>,
  ask: (client: KubeClient) => Promise<T>,
): Promise<T> {
  try {
    return await ask(await context.kube())
  } catch (error) {
    if (isBug(error)) throw error
    const why =
      error instanceof NotYet
        ? 'no control plane node that is reached has /etc/kubernetes/admin.conf'
        : messageOf(error)
    throw new UserError('step', `cannot read node ${name} and its Pods from the Kubernetes API`, {
      host: name,
      why,
      next: unasked,
      cause: error,
    })
  }
}

const noNode = (name: string): UserError =>
  new UserError('step', `${name} is not a node of the cluster`, {
    host: name,
    next: 'kubestrap status lists the nodes; kubestrap up adds the host',
  })
