import type { Context } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import type { RolloutSpec } from '../inventory/spec.js'
import { drainSteps, uncordonStep } from '../steps/rollout/drain-steps.js'
import { asked } from '../steps/rollout/drain-words.js'

const unasked = 'make a control plane node answer first: kubestrap status'

/**
 * INPUTS: names of nodes, in the order they are drained; an API server of any control plane that answers.
 * OUTPUTS: they are cordoned as by a person, which `up` leaves so, and their Pods run elsewhere.
 */
export const drainNodes = (names: readonly string[], drain: RolloutSpec['drain']): Phase<Context> => ({
  id: 'drain',
  title: 'Drain',
  about: 'Cordons nodes and evicts their Pods.',
  steps: (context) =>
    drainSteps(context, names, {
      drain,
      by: 'person',
      together: names,
      mustExist: true,
      words: asked,
      unasked,
    }),
})

/**
 * INPUTS: names of nodes.
 * OUTPUTS: they take Pods, whoever cordoned them.
 */
export const uncordonNamed = (names: readonly string[]): Phase<Context> => ({
  id: 'uncordon',
  title: 'Uncordon',
  about: 'Uncordons nodes.',
  steps: (context) => names.map((name) => uncordonStep(context, name, unasked)),
})
