import { type Context, controlPlanes } from '../../cluster/context.js'
import { crashWatch, watched } from '../../cluster/crash-watch.js'
import { withEtcd } from '../../cluster/etcd/access.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import { isControlPlane, isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import { ownApiMissing } from '../../cluster/own-api.js'
import type { Need, Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import { staticPods } from '../../kubernetes/manifests/static-pods.js'
import { textAt } from '../../kubernetes/read.js'
import { missingOrWhy } from '../../lib/errors.js'
import { waitFor } from '../../resources/wait-for.js'
import { adminReaders, balancerMachine, servesOthers } from '../balancer/balancer-settings.js'
import { notBalanced } from '../static-pods/until-balanced.js'
import { bootId, podLife } from './lives.js'
import { watchedNode } from './nodes-api.js'
import { notWell } from './not-well.js'

/** Id of the step that waits until a host works again. */
export const worksAgainId = 'works-again'

/**
 * A host does again what it did before it was interrupted: the kubelet of a node says that it is Ready, of this boot and for
 * `rollout.minReadySeconds`; the static Pods of a control plane node run, its API server is ready and load balancers send
 * clients there; an etcd host's member takes part; a load balancer uses an API server.
 */
export function worksAgainStep(
  context: Context,
  machine: Machine,
  { needs, within, withinMs }: { needs: readonly Need[]; within: Transaction | undefined; withinMs: number },
): Step<string | undefined> {
  const names = systemPods(context, machine)
  const watch = crashWatch(context, machine, names)
  const look = (): Promise<string | undefined> => missingOrWhy(() => missingOn(context, machine, names))
  const step = waitFor({
    id: worksAgainId,
    title: `${machine.spec.name} works`,
    target: machine.spec.name,
    needs,
    // what is told of a node takes as long as it has to
    withinMs: withinMs + context.spec.rollout.minReadyMs,
    everyMs: 500,
    ...(isNode(machine)
      ? { evidence: (ageMs: number) => nodeEvidence(context, machine, { ageMs, containers: names }) }
      : {}),
    look: isNode(machine) ? watched(watch, look) : look,
  })
  return { ...step, ...(within ? { within } : {}) }
}

/** Static Pods of kubestrap's on a machine. */
export const systemPods = (context: Context, machine: Machine): string[] =>
  isControlPlane(machine)
    ? [
        ...staticPods(context.spec, machine.spec, machine.release.wanted, { caDirectories: [] }).keys(),
        ...adminReaders(context, machine),
      ]
    : []

async function missingOn(
  context: Context,
  machine: Machine,
  pods: readonly string[],
): Promise<string | undefined> {
  const parts = [
    ...(isEtcdHost(machine) ? [memberMissing] : []),
    ...(isControlPlane(machine) ? [planeMissing(pods)] : []),
    ...(isNode(machine) ? [nodeMissing] : []),
    ...(servesOthers(context, machine) ? [balancerMissing] : []),
  ]
  for (const part of parts) {
    const missing = await part(context, machine)
    if (missing !== undefined) return missing
  }
  return undefined
}

type Look = (context: Context, machine: Machine) => Promise<string | undefined>

const memberMissing: Look = async (_, machine) => {
  await withEtcd([machine], ({ client }) => client.health())
  return undefined
}

const planeMissing =
  (pods: readonly string[]): Look =>
  async (context, machine) => {
    const lives = await Promise.all(pods.map((pod) => podLife(context, machine, pod).life()))
    const silent = pods.find((_, i) => lives[i] === '')
    if (silent !== undefined) return `static Pod ${silent} of ${machine.spec.name} does not run`
    return (await ownApiMissing(context, machine)) ?? (await notBalanced(context, machine))
  }

const nodeMissing: Look = async (context, machine) => {
  const { name } = machine.spec
  const [node, boot] = await Promise.all([
    context.kube().then((client) => watchedNode(client, name)),
    bootId(machine),
  ])
  if (node === undefined) return `${name} is not registered as a node`
  if (!isOfBoot(node, boot)) return `the kubelet of ${name} has not reported since the boot`
  return notWell(context, machine, node)
}

/** Whether what a Node says was said by the kubelet of this boot: until that is so the API has what was true before. */
export const isOfBoot = (node: Json, boot: string): boolean =>
  textAt(node, 'status', 'nodeInfo', 'bootID') === boot

const balancerMissing: Look = async (context, machine) => {
  // what it may send clients to is away too
  if (controlPlanes(context).length === 0) return undefined
  const states = (await context.balancer?.backends?.(balancerMachine(context, machine))) ?? []
  if (states.length === 0 || states.some(({ up }) => up)) return undefined
  return `the load balancer on ${machine.spec.name} sends no connections to any API server`
}
