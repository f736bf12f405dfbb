import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { bootstrappers, clusterRole, clusterRoleBinding, configMapReaders, nodes } from './rbac.js'

const approve = 'system:certificates.k8s.io:certificatesigningrequests'

/** The rights joining nodes need, and those kubeadm's later commands expect. */
export function bootstrapRbac(release: Release): KubeObject[] {
  const { configMap } = release.kubelet
  return [
    ...configMapReaders('kubeadm:nodes-kubeadm-config', 'kubeadm-config', [bootstrappers, nodes]),
    ...configMapReaders(`kubeadm:${configMap}`, configMap, [nodes, bootstrappers]),
    clusterRole('kubeadm:get-nodes', [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]),
    clusterRoleBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', [bootstrappers]),
    clusterRoleBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [bootstrappers]),
    clusterRoleBinding('kubeadm:node-autoapprove-bootstrap', `${approve}:nodeclient`, [bootstrappers]),
    clusterRoleBinding('kubeadm:node-autoapprove-certificate-rotation', `${approve}:selfnodeclient`, [nodes]),
    ...configMapReaders(
      'kubeadm:bootstrap-signer-clusterinfo',
      'cluster-info',
      [{ kind: 'User', name: 'system:anonymous' }],
      'kube-public',
    ),
    ...release.extraBindings.map(({ name, clusterRole: role, subject }) =>
      clusterRoleBinding(name, role, [subject]),
    ),
  ]
}
