import { type Context, controlPlanes, isJoining } from '../cluster/context.js'
import { nodeEvidence } from '../cluster/evidence.js'
import { kubeletHealthPort, kubeletMakes, kubeletUnit } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Need } from '../engine/step.js'
import { service } from '../resources/service.js'
import { kubeletCertificateId, kubeletConf } from '../steps/kubelet/kubelet-credentials.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'
import { drainsForUpgrade, nodeTurn } from '../steps/rollout/node-turn.js'
import { recreatedStep } from '../steps/static-pods/recreated-step.js'

/**
 * INPUTS: all files on the host; for a control plane node that joins also an API that answers, as its kubelet asks
 * at once.
 * OUTPUTS: the kubelets of the control plane nodes run, and so do the static Pods.
 */
export const kubeletStart: Phase<Context> = {
  id: 'kubelet-start',
  title: 'Kubelet on control planes',
  about: 'Starts the kubelet of each control plane node when all its files are in place.',
  steps: (context) =>
    controlPlanes(context).flatMap((machine) => {
      const within = nodeTransaction(context, machine)
      const started = service(machine.host, {
        unit: kubeletUnit,
        title: 'kubelet',
        within,
        endsPods: drainsForUpgrade(context, machine),
        listens: kubeletHealthPort(context, machine),
        evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: [] }),
        ...(isJoining(context, machine) ? { needs: joiningNeeds(machine) } : {}),
        makes: [
          ...kubeletMakes(context),
          ...(context.spec.etcd.external ? [] : [`tree ${context.spec.etcd.dataDir}` as const]),
        ],
      })
      return nodeTurn(context, machine) || leavesRuntime(context, machine)
        ? [
            started,
            recreatedStep(context, machine, { needs: [`${machine.spec.name}/${started.id}`], within }),
          ]
        : [started]
    }),
}

/** All but the manifests, which come once its etcd member has its vote. */
function joiningNeeds({ spec: { name } }: Machine): Need[] {
  const phases = [
    'host',
    'packages',
    'runtime',
    'binaries',
    'images',
    'pki',
    'kubeconfigs',
    'kubelet',
    'balancer',
  ]
  return [
    `${clusterTarget}/api-ready`,
    ...phases.map((phase) => `${name}/@${phase}`),
    `${name}/${kubeletCertificateId}`,
    `${name}/file:${kubeletConf}`,
  ]
}
