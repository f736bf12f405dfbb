import type { KubeObject } from '../kube-object.js'
import { bootstrappers, readers } from './rbac.js'

export const certificatesSecret = 'kubeadm-certs'
const namespace = 'kube-system'

/** What kubeadm says of the token whose end is the end of the uploaded keys. */
export const proxyTokenDescription = 'Proxy for managing TTL for the kubeadm-certs secret'

/**
 * The Secret that `kubeadm join --control-plane` takes the cluster's keys from, and who may read it. It goes with
 * the token that owns it: the token cleaner takes that, the garbage collector this.
 * @param sealed by file name, "etcd-ca.key"
 */
export function uploadedCertificates(
  sealed: ReadonlyMap<string, Buffer>,
  owner: { name: string; uid: string },
): KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: certificatesSecret,
        namespace,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Secret', ...owner, controller: true, blockOwnerDeletion: true },
        ],
      },
      data: Object.fromEntries([...sealed].map(([name, bytes]) => [name, bytes.toString('base64')])),
    },
    ...readers('kubeadm:kubeadm-certs', { resources: 'secrets', name: certificatesSecret }, [bootstrappers]),
  ]
}
