import { type Context, nodes } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { handingOverStep } from '../steps/rollout/handing-over-step.js'

/**
 * INPUTS: nodes whose kubelet had Docker by dockershim, with all files of a kubelet that has it by cri-dockerd; the static Pods of
 * the new version, which the kubelet that is left still starts.
 * OUTPUTS: the kubelet is stopped, and nothing is left that cri-dockerd could not take over.
 */
export const handingOver: Phase<Context> = {
  id: 'handing-over',
  title: 'From dockershim to cri-dockerd',
  about:
    'Where a node of Kubernetes 1.23 goes to 1.24 with Docker: restarts Pods with host ports, as cri-dockerd would not release these ports.',
  steps: (context) => nodes(context).flatMap((machine) => handingOverStep(context, machine)),
}
