import { type Context, nodes } from '../cluster/context.js'
import { kubeletUnit } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import type { Need, Step } from '../engine/step.js'
import type { Transaction } from '../engine/transaction.js'
import { ApiError } from '../kubernetes/client/api-error.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { nameOf, textAt } from '../kubernetes/read.js'
import { isBug, missingOrWhy, UserError } from '../lib/errors.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { isCordonedByUs, isReady } from '../steps/rollout/cordon.js'
import { uncordon } from '../steps/rollout/drain.js'
import { hasLeft } from '../steps/rollout/former-runtime-step.js'
import { awaitedVersion } from '../steps/rollout/interruption.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'
import { confirmed, nodeRef, watchedNode } from '../steps/rollout/nodes-api.js'
import { notWell } from '../steps/rollout/not-well.js'
import { readyAgainStep, readyMs } from '../steps/rollout/ready-again.js'
import { kubeletRuns } from '../steps/static-pods/kubelet-runs.js'

const everyMs = 500

/**
 * INPUTS: nodes that this run interrupted; nodes that kubestrap drained, in this run or in one that was cut.
 * OUTPUTS: those that were Ready are so again, by what their kubelet says since it was restarted; those that were drained accept
 * Pods again. A node that a person cordoned stays cordoned.
 */
export const uncordonNodes: Phase<Context> = {
  id: 'uncordon',
  title: 'Uncordon nodes',
  about:
    'Waits until each node that was interrupted is Ready again, and uncordons the nodes that kubestrap drained.',
  steps: (context) => {
    const all = oncePerTurn(async () => (await context.kube()).list({ apiVersion: 'v1', kind: 'Node' }))
    return nodes(context).flatMap((machine) => {
      const within = nodeTransaction(context, machine)
      if (within === undefined) return []
      const needs = ['@runtime', `service:${kubeletUnit}`, '@kubelet-start'].map(
        (need) => `${machine.spec.name}/${need}`,
      )
      return [
        readyAgainStep(context, machine, { within, needs }),
        uncordonStep(context, machine, { all, within, needs }),
      ]
    })
  },
}

export interface Uncordoning {
  /** Every Node, asked for once for all. */
  all(): Promise<readonly Json[]>
  within: Transaction
  needs: readonly Need[]
  /** What is missing until a Node that is Ready may take Pods; throws where it cannot be told yet. Default: see notWell. */
  missing?(node: Json): Promise<string | undefined>
}

/** A node that kubestrap cordoned takes Pods again, once it is Ready; one that a person cordoned stays so. */
export function uncordonStep(
  context: Context,
  machine: Machine,
  { all, within, needs, ...wish }: Uncordoning,
): Step<boolean> {
  const { name } = machine.spec
  // a kubelet that was stopped a moment ago is still Ready
  const runsWanted = async (node: Json): Promise<boolean> => {
    if (!leavesRuntime(context, machine)) return true
    if (!hasLeft(within)) return kubeletRuns(machine.host)
    return textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion').startsWith(
      `${context.runtime.id}://`,
    )
  }
  /**
   * Asks until there is an answer: the API server may just have been restarted with the runtime, or start for the first
   * time after a birth that was cut, and then forbids everything until the administrators' binding is there (from 1.29 on).
   */
  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
    const deadline = context.now().getTime() + readyMs
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        const isNo = error instanceof ApiError && error.status < 500 && error.status !== 403
        if (isBug(error) || isNo || context.now().getTime() >= deadline) throw error
      }
      await context.sleep(everyMs)
    }
  }
  const missing =
    wish.missing ??
    (async (node: Json) => notWell(context, machine, node, await awaitedVersion(context, machine, within)))
  const missingOf = (node: Json): Promise<string | undefined> =>
    missingOrWhy(async () => {
      if (!isReady(node)) return `node ${name} is not Ready`
      if (!(await runsWanted(node))) return `the kubelet of ${name} does not run on ${context.runtime.id}`
      return missing(node)
    })
  return {
    id: 'uncordon',
    title: `${name} takes Pods`,
    target: name,
    needs,
    within,
    leaves: true,
    probe: async (look) => {
      const node = look?.planning
        ? (await all()).find((one) => nameOf(one) === name)
        : await patiently(async () => (await context.kube()).get(nodeRef(name)))
      return node !== undefined && isCordonedByUs(node)
    },
    diff: (cordoned) => (cordoned ? [{ kind: 'update', summary: `uncordon ${name}` }] : []),
    apply: async (_, { progress }) => {
      const client = await context.kube()
      const deadline = context.now().getTime() + readyMs + context.spec.rollout.minReadyMs
      for (let told = false; ; told = true) {
        const by = (look: () => Promise<Json | undefined>) => async (): Promise<string | undefined> => {
          const node = await patiently(look)
          return node && missingOf(node)
        }
        const why = await confirmed(
          by(() => watchedNode(client, name)),
          by(() => client.get(nodeRef(name))),
          (seen) => seen === undefined,
        )
        if (why === undefined) break
        if (context.now().getTime() >= deadline)
          throw new UserError('step', `${name} is not Ready and stays cordoned`, {
            host: name,
            why,
            next: 'fix the node and run kubestrap up again, which uncordons it',
          })
        if (!told) progress(`waits until ${name} is Ready`)
        await context.sleep(everyMs)
      }
      await patiently(() => uncordon(client, name))
    },
  }
}
