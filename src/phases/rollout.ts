import type { Context } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { type Need, type Step, stepKey } from '../engine/step.js'
import type { RolloutSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { oncePer } from '../lib/once-per.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { bootId, type Living } from '../steps/rollout/lives.js'
import { rebootSteps } from '../steps/rollout/reboot-steps.js'
import type { RolloutKind } from '../steps/rollout/request.js'
import { livesBefore, requestEndStep, requestKey, requestStep } from '../steps/rollout/request-steps.js'
import { restartSteps } from '../steps/rollout/restart-steps.js'
import { hostTransaction, isAlone } from '../steps/rollout/turn-of-host.js'
import { isOfBoot, worksAgainId, worksAgainStep } from '../steps/rollout/works-again.js'
import { uncordonStep } from './uncordon.js'

/** How hosts are interrupted that are to be begun anew as they are. */
export interface RolloutWish {
  kind: RolloutKind
  /** Names of the hosts. */
  hosts: readonly string[]
  drain: RolloutSpec['drain']
  /** How long one host may take until it works again, ms. */
  withinMs: number
  /** Of this run, unique. */
  id: string
  /** What a run that was cut has done is done once more. */
  again: boolean
  /** Told of a request of an earlier run that is gone on with: when it was begun, and what has been begun anew since, by "host/what". */
  onResumed?: (begun: string, done: readonly string[]) => void
}

/** The steps of one host that end something and begin it anew, with what they are of. */
export interface HostSteps {
  living: readonly Living[]
  steps: readonly Step[]
}

/**
 * INPUTS: names of hosts that are part of the cluster; an API server that answers.
 * OUTPUTS: each has rebooted, or its runtime and its kubelet have restarted, once since the rollout was asked for, and does its
 * work again; nodes as many at a time as `rollout.maxUnavailable` says, drained where their Pods end, and uncordoned.
 */
export function rolloutPhase(wish: RolloutWish): Phase<Context> {
  // one graph is built for each look: its steps are of one request all the same
  const before = livesBefore()
  const limited = oncePer((context: Context) => asWished(context, wish))
  return {
    id: wish.kind === 'reboot' ? 'reboot' : 'restart',
    title: wish.kind === 'reboot' ? 'Reboot' : 'Restart',
    about:
      wish.kind === 'reboot'
        ? 'Reboots hosts, one after the other.'
        : 'Restarts the container runtime and the kubelet of nodes, one after the other.',
    steps: (given) => {
      const context = limited(given)
      const machines = chosenIn(context, wish)
      const nodes = oncePerTurn(async () => (await context.kube()).list({ apiVersion: 'v1', kind: 'Node' }))
      const first = machines.filter((machine) => goesFirst(context, machine))
      const waits = first.map((machine) => worksKey(machine))
      const own = machines.map((machine) =>
        hostSteps(context, machine, wish, {
          before,
          nodes,
          needs: first.includes(machine) ? [] : waits,
        }),
      )
      return [
        requestStep(context, {
          kind: wish.kind,
          hosts: machines.map(({ spec }) => spec.name).sort(),
          living: own.flatMap(({ living }) => living),
          id: wish.id,
          again: wish.again,
          before,
          onResumed: wish.onResumed,
        }),
        ...own.flatMap(({ steps }) => steps),
        requestEndStep(
          context,
          own.flatMap(({ steps }) => steps.map(stepKey)),
        ),
      ]
    },
  }
}

const worksKey = ({ spec: { name } }: Machine): Need => stepKey({ target: name, id: worksAgainId })

/**
 * Whether others wait for a host: while it is away nobody answers for the API, and none can be drained. A control plane node has
 * the turn of a node: where one node has it at a time it need not be first, and a node that an earlier run left drained may be
 * what it waits for.
 */
const goesFirst = (context: Context, machine: Machine): boolean =>
  isAlone(context, machine) && (!isNode(machine) || context.spec.rollout.maxUnavailable > 1)

/** The context with what the rollout is to heed: how it drains, and that hosts which are away count as not available. */
const asWished = (context: Context, { drain }: RolloutWish): Context => ({
  ...context,
  spec: { ...context.spec, rollout: { ...context.spec.rollout, drain } },
  away: new Set(context.spec.hosts.filter(({ state }) => state === 'down').map(({ name }) => name)),
})

/** Machines in the inventory's order. Throws UserError('step') for one that is no part of the cluster yet. */
function chosenIn({ machines }: Context, { hosts }: RolloutWish): Machine[] {
  const chosen = machines.filter(({ spec }) => hosts.includes(spec.name))
  const stranger = chosen.find((machine) => isNode(machine) && !machine.facts.kubernetes)
  if (stranger)
    throw new UserError('step', `${stranger.spec.name} is not a node of the cluster`, {
      host: stranger.spec.name,
      next: 'kubestrap up adds it; nothing was changed',
    })
  return chosen
}

interface Around {
  before: ReturnType<typeof livesBefore>
  nodes: Parameters<typeof uncordonStep>[2]['all']
  needs: readonly Need[]
}

function hostSteps(
  context: Context,
  machine: Machine,
  wish: RolloutWish,
  { before, nodes, needs }: Around,
): HostSteps {
  const within = hostTransaction(context, machine)
  const how = { before, within, withinMs: wish.withinMs, needs: [requestKey, ...needs] }
  const { living, steps } =
    wish.kind === 'reboot'
      ? rebootSteps(context, machine, how)
      : restartSteps(context, machine, { ...how, staticPods: wish.kind === 'restart-static-pods' })
  const works = worksAgainStep(context, machine, {
    needs: steps.map(stepKey),
    within,
    withinMs: wish.withinMs,
  })
  return {
    living,
    steps: [
      ...steps,
      works,
      ...(isNode(machine)
        ? [
            uncordonStep(context, machine, {
              all: nodes,
              within,
              needs: [stepKey(works)],
              missing: async (node) =>
                isOfBoot(node, await bootId(machine))
                  ? undefined
                  : 'its kubelet has not reported since the boot',
            }),
          ]
        : []),
    ],
  }
}
