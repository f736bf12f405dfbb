import type { KubeObject } from '../kube-object.js'

const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`

export interface Subject {
  kind: 'Group' | 'User' | 'ServiceAccount'
  name: string
  namespace?: string
}

/** The group of bootstrap tokens made by kubeadm and kubestrap. */
export const bootstrappersGroup = 'system:bootstrappers:kubeadm:default-node-token'
export const bootstrappers: Subject = { kind: 'Group', name: bootstrappersGroup }
export const nodes: Subject = { kind: 'Group', name: 'system:nodes' }

/** ClusterRoleBinding `name`: subjects get the cluster role. */
export function clusterRoleBinding(name: string, role: string, subjects: readonly Subject[]): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects,
  }
}

export function clusterRole(name: string, rules: readonly unknown[]): KubeObject {
  return { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }
}

/** A Role and a RoleBinding of one name: subjects may read one ConfigMap. */
export function configMapReaders(
  name: string,
  configMap: string,
  subjects: readonly Subject[],
  namespace = 'kube-system',
): KubeObject[] {
  return readers(name, { resources: 'configmaps', name: configMap }, subjects, namespace)
}

/** A Role and a RoleBinding of one name: subjects may read one object. */
export function readers(
  name: string,
  object: { resources: 'configmaps' | 'secrets'; name: string },
  subjects: readonly Subject[],
  namespace = 'kube-system',
): KubeObject[] {
  const rule = {
    apiGroups: [''],
    resourceNames: [object.name],
    resources: [object.resources],
    verbs: ['get'],
  }
  return [
    { apiVersion, kind: 'Role', metadata: { name, namespace }, rules: [rule] },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: group, kind: 'Role', name },
      subjects,
    },
  ]
}
