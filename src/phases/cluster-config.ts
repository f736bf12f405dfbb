import type { Phase } from '../engine/phase.js'
import { clusterTarget } from '../engine/step.js'
import { clusterObjects } from '../kubernetes/config/cluster-objects.js'
import { kubeObject, kubeObjectStep } from '../resources/kube-object.js'
import { type Context, leaderOf } from './context.js'
import { kubeletNode } from './kubelet.js'

/**
 * INPUTS: a ready API server, the certificate authority.
 * OUTPUTS: what kubeadm leaves in a cluster for later nodes and for itself: its configuration, the
 * kubelet's, cluster-info, and the rights of joining nodes.
 */
export const clusterConfig: Phase<Context> = {
  id: 'cluster-config',
  title: 'Cluster configuration',
  about: 'kubeadm-config, kubelet-config, cluster-info, and the RBAC rules that joining nodes need.',
  steps: (context) => {
    const leader = leaderOf(context)
    const needs = [`${clusterTarget}/api-ready`, `${leader.spec.name}/authorities`]
    const objects = clusterObjects(context.spec, context.release, kubeletNode(context, leader))
    return [
      ...[objects.kubeadmConfig, objects.kubeletConfig, ...objects.bootstrapRbac].map((object) =>
        kubeObjectStep(context.kube, object, needs),
      ),
      kubeObject(context.kube, {
        // a name only: its content holds the authority, which may not exist yet
        ref: objects.clusterInfo(''),
        object: () => objects.clusterInfo(context.authorities.get().certificate('kubernetes')),
        needs,
      }),
    ]
  },
}
