import { clusterRelease } from '../cluster/cluster-release.js'
import { type Context, leaderOf } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget } from '../engine/step.js'
import { clusterObjects } from '../kubernetes/config/cluster-objects.js'
import type { KubeObject } from '../kubernetes/kube-object.js'
import type { Release } from '../kubernetes/releases/release.js'
import { kubeObject, kubeObjectStep } from '../resources/kube-object.js'
import { kubeletNode } from '../steps/kubelet/kubelet-node.js'

/**
 * INPUTS: a ready API server, the certificate authority.
 * OUTPUTS: what kubeadm leaves in a cluster for later nodes and for itself: the configurations of kubeadm and of
 * the kubelet, cluster-info, and the rights of joining nodes.
 */
export const clusterConfig: Phase<Context> = {
  id: 'cluster-config',
  title: 'Cluster configuration',
  about: 'kubeadm-config, kubelet-config, cluster-info, and the RBAC rules that joining nodes need.',
  steps: (context) => {
    const leader = leaderOf(context)
    const born = [`${clusterTarget}/api-ready`, `${leader.spec.name}/authorities`]
    const release = clusterRelease(context)
    const objects = clusterObjects(context.spec, release, kubeletNode(context, leader))
    const rights = objects.bootstrapRbac.filter((object) => isAdminBinding(release, object))
    const first = rights.map((object) => ({
      ...kubeObjectStep(context.kube, object, born),
      // an upgrade to 1.29 gives administrators another group: its rights are there before
      ...(context.upgrade ? { prepares: true as const } : {}),
    }))
    const needs = [...born, ...first.map(({ id }) => `${clusterTarget}/${id}`)]
    const others = objects.bootstrapRbac.filter((object) => !rights.includes(object))
    return [
      ...first,
      ...[objects.kubeadmConfig, objects.kubeletConfig, ...others].map((object) =>
        kubeObjectStep(context.kube, object, needs),
      ),
      kubeObject(context.kube, {
        // a name only: its content holds the authority, which may not exist yet
        ref: objects.clusterInfo(''),
        object: () => objects.clusterInfo(context.authorities.get().bundle('kubernetes')),
        needs,
      }),
    ]
  },
}

/**
 * From 1.29 on admin.conf has the rights that this binding gives to its group. It comes first, and until it is there
 * requests go through super-admin.conf (kubeadm: phases/kubeconfig, EnsureAdminClusterRoleBinding).
 */
const isAdminBinding = ({ extraBindings, certificates }: Release, { kind, metadata }: KubeObject): boolean =>
  kind === 'ClusterRoleBinding' &&
  extraBindings.some(
    ({ name, subject }) => name === metadata.name && subject.name === certificates.adminOrganization,
  )
