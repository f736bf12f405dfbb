/** Plural names of the kinds kubestrap handles; a kind not listed is a bug in the caller. */
const plurals: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  ConfigMap: 'configmaps',
  DaemonSet: 'daemonsets',
  Deployment: 'deployments',
  Endpoints: 'endpoints',
  Job: 'jobs',
  Lease: 'leases',
  Namespace: 'namespaces',
  Node: 'nodes',
  Pod: 'pods',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Secret: 'secrets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
}

const clusterScoped = new Set(['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'Node'])

export interface ObjectRef {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

/** Path of the collection an object belongs to: "/apis/apps/v1/namespaces/kube-system/daemonsets". */
export function collectionPath(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>, namespace?: string): string {
  const plural = plurals[ref.kind]
  if (plural === undefined) throw new Error(`unknown kind ${ref.kind}`)
  const base = ref.apiVersion.includes('/') ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`
  const scope = clusterScoped.has(ref.kind) || namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${base}${scope}/${plural}`
}

/** Path of one object. */
export function objectPath(ref: ObjectRef): string {
  return `${collectionPath(ref, ref.metadata.namespace)}/${encodeURIComponent(ref.metadata.name)}`
}
