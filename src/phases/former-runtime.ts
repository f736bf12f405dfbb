import { type Context, nodes } from '../cluster/context.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import { formerRuntimeStep } from '../steps/rollout/former-runtime-step.js'

/**
 * INPUTS: nodes that run another container runtime than the inventory's; the runtime of the inventory runs beside
 * the former one, with all images.
 * OUTPUTS: nothing of Kubernetes runs on the former runtime, and the kubelet is stopped; the kubelet starts with
 * the new runtime.
 */
export const formerRuntime: Phase<Context> = {
  id: 'former-runtime',
  title: 'Former container runtime',
  about:
    'Where the inventory names another container runtime: drains each node, and ends what runs on the former one.',
  steps: (context) =>
    nodes(context).flatMap((machine) =>
      leavesRuntime(context, machine) ? formerRuntimeStep(context, machine) : [],
    ),
}
