import { type Context, controlPlanes } from '../cluster/context.js'
import { nodeEvidence } from '../cluster/evidence.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Disruption, Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { staticPods as buildPods } from '../kubernetes/manifests/static-pods.js'
import { markDirectory, podMark } from '../resources/marks.js'
import { adminReaders } from '../steps/balancer/balancer-settings.js'
import { containersBehind, disruptionOf, feltOf, restartPod } from '../steps/static-pods/restart-pod.js'

/**
 * INPUTS: restart marks left by changed certificates, kubeconfigs and manifests.
 * OUTPUTS: static Pods that run with the files on the disk: a static Pod does not notice a new certificate by
 * itself. One at a time across the cluster.
 */
export const staticPods: Phase<Context> = {
  id: 'static-pods',
  title: 'Static Pods',
  about: 'Restarts static Pods whose certificates or manifests were changed, one at a time.',
  steps: (context) =>
    controlPlanes(context).flatMap((machine) => [
      ...[...buildPods(context.spec, machine.spec, machine.release.wanted, { caDirectories: [] }).keys()].map(
        (name) => restartStep(context, machine, name, disruptionOf(context, name)),
      ),
      // the virtual IP goes to another while it restarts
      ...adminReaders(context, machine).map((name) => restartStep(context, machine, name, 'balancer')),
    ]),
}

function restartStep(
  context: Context,
  machine: Machine,
  name: string,
  disruption: Disruption | undefined,
): Step<FileState> {
  const { host } = machine
  return {
    id: `static-pod:${name}`,
    title: `static Pod ${name}`,
    target: host.name,
    evidence: (ageMs) =>
      nodeEvidence(context, machine, { ageMs, containers: containersBehind(context, name) }),
    restarts: { of: 'static-pod', name },
    probe: () => host.stat(`${markDirectory}/${podMark(name)}`),
    diff: (state) =>
      state.kind === 'absent' ? [] : [{ kind: 'restart', summary: `restart static Pod ${name}` }],
    apply: () => restartPod(context, machine, name),
    disrupts: () => disruption,
    ...feltOf(name),
  }
}
