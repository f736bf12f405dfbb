import type { Phase } from '../engine/phase.js'
import { service } from '../resources/service.js'
import { type Context, controlPlanes } from './context.js'
import { nodeEvidence } from './evidence.js'
import { kubeletHealthPort, kubeletMakes, kubeletUnit } from './kubelet-unit.js'

/** INPUTS: everything on the machine. OUTPUTS: the control planes' kubelets run, and with them the static pods. */
export const kubeletStart: Phase<Context> = {
  id: 'kubelet-start',
  title: 'Kubelet on control planes',
  about: 'Starts the kubelet of each control plane, when everything it needs lies there.',
  steps: (context) =>
    controlPlanes(context).map((machine) =>
      service(machine.host, {
        unit: kubeletUnit,
        title: 'kubelet',
        listens: kubeletHealthPort(context, machine),
        evidence: () => nodeEvidence(context, machine),
        makes: [
          ...kubeletMakes(context),
          ...(context.spec.etcd.external ? [] : [`tree ${context.spec.etcd.dataDir}` as const]),
        ],
      }),
    ),
}
