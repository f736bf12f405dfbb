import { NotYet } from '../engine/late.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget } from '../engine/step.js'
import { UserError } from '../lib/errors.js'
import { waitFor } from '../resources/wait-for.js'
import { type Context, firstControlPlane } from './context.js'
import { nodeEvidence } from './evidence.js'

/** How long kubeadm gives the control plane (timeoutForControlPlane). */
const fourMinutes = 240_000

/** INPUTS: manifests in place, kubelet running. OUTPUTS: /readyz says ok. */
export const apiReady: Phase<Context> = {
  id: 'api-ready',
  title: 'API server',
  about: 'Waits until the API server says it is ready.',
  steps: (context) => [
    waitFor({
      id: 'api-ready',
      title: 'API server ready',
      target: clusterTarget,
      needs: ['kubelet-start', 'static-pods'].map(
        (phase) => `${firstControlPlane(context).spec.name}/@${phase}`,
      ),
      withinMs: fourMinutes,
      evidence: () => nodeEvidence(context, firstControlPlane(context)),
      look: async () => {
        try {
          const answer = await (await context.kube()).text('/readyz', { timeoutMs: 5_000 })
          return answer.status === 200 ? undefined : `the API server answers ${answer.status} to /readyz`
        } catch (error) {
          if (error instanceof NotYet) throw error
          const why = error instanceof UserError && error.why ? `: ${error.why}` : ''
          return `the API server does not answer (${error instanceof Error ? error.message : error}${why})`
        }
      },
    }),
  ],
}
