import { endBackOff } from '../cluster/back-off.js'
import { type Context, followers, leaderOf } from '../cluster/context.js'
import { crashWatch, watched } from '../cluster/crash-watch.js'
import { nodeEvidence } from '../cluster/evidence.js'
import type { Machine } from '../cluster/machine.js'
import { ownApiMissing } from '../cluster/own-api.js'
import { NotYet } from '../engine/late.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Step } from '../engine/step.js'
import { isBug, messageOf, UserError } from '../lib/errors.js'
import { type Wait, waitFor } from '../resources/wait-for.js'
import { containersBehind } from '../steps/static-pods/restart-pod.js'

/** How long kubeadm gives the control plane (timeoutForControlPlane). */
const fourMinutes = 240_000

/**
 * INPUTS: manifests in place, kubelet running.
 * OUTPUTS: /readyz of the first control plane node says ok, and then /readyz of each.
 */
export const apiReady: Phase<Context> = {
  id: 'api-ready',
  title: 'API server',
  about: 'Waits until the API server is ready.',
  steps: (context) => {
    const leader = leaderOf(context)
    const containers = containersBehind(context, 'kube-apiserver')
    const watch = crashWatch(context, leader, containers)
    return [
      untilReady(context, leader, {
        id: 'api-ready',
        title: 'API server ready',
        target: clusterTarget,
        needs: ['kubelet-start', 'static-pods'].map((phase) => `${leader.spec.name}/@${phase}`),
        withinMs: fourMinutes,
        evidence: (ageMs) => nodeEvidence(context, leader, { ageMs, containers }),
        look: watched(watch, async () => {
          try {
            const answer = await (await context.kube()).text('/readyz', { timeoutMs: 5_000 })
            return answer.status === 200 ? undefined : `the API server answers ${answer.status} to /readyz`
          } catch (error) {
            if (error instanceof NotYet || isBug(error)) throw error
            const why = error instanceof UserError && error.why ? `: ${error.why}` : ''
            return `the API server does not answer (${messageOf(error)}${why})`
          }
        }),
      }),
      ...[...doneLeader(context), ...followers(context)].map((machine) => {
        const watch = crashWatch(context, machine, containers)
        return untilReady(context, machine, {
          id: 'api-ready',
          title: `API server of ${machine.spec.name} ready`,
          target: machine.spec.name,
          needs: ['control-plane', 'kubelet-start', 'static-pods'].map(
            (phase) => `${machine.spec.name}/@${phase}`,
          ),
          withinMs: fourMinutes,
          evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers }),
          look: watched(watch, () => ownApiMissing(context, machine)),
        })
      }),
    ]
  },
}

/** A wait that what failed before and was fixed meanwhile does not make longer. */
const untilReady = (context: Context, machine: Machine, wait: Wait): Step<string | undefined> => ({
  ...waitFor(wait),
  apply: () => endBackOff(context, machine, containersBehind(context, 'kube-apiserver')),
})

/** In an upgrade that goes on the one that leads may have been changed in an earlier run: it works before the next is changed. */
const doneLeader = (context: Context): Machine[] =>
  context.upgrade && !context.upgrade.planes.includes(leaderOf(context).spec.name) ? [leaderOf(context)] : []
