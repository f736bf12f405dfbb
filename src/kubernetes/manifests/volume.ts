import type { ExtraVolume } from '../../inventory/spec.js'

/** A directory or file of the host that a pod sees. */
export interface Volume {
  name: string
  path: string
  /** In the container; default: as on the host. */
  mountPath?: string
  kind: ExtraVolume['pathType']
  readOnly: boolean
}

/** Volumes of the inventory (kubeadm: AddExtraHostPathMounts). */
export const extraVolumes = (volumes: readonly ExtraVolume[]): Volume[] =>
  volumes.map(({ name, hostPath, mountPath, pathType, readOnly }) => ({
    name,
    path: hostPath,
    mountPath,
    kind: pathType,
    readOnly,
  }))

/** A directory containers only read. */
export const readOnlyDirectory = (name: string, path: string): Volume => ({
  name,
  path,
  kind: 'DirectoryOrCreate',
  readOnly: true,
})

/**
 * Certificates API server and controller manager read: the cluster's, and the system's trust store
 * with the directories its links may point into.
 * @param optional kubeadm's list of such directories
 * @param present those that exist on the host
 */
export function certificateVolumes(optional: readonly string[], present: readonly string[]): Volume[] {
  return [
    readOnlyDirectory('k8s-certs', '/etc/kubernetes/pki'),
    readOnlyDirectory('ca-certs', '/etc/ssl/certs'),
    ...optional
      .filter((path) => present.includes(path))
      .map((path) => readOnlyDirectory(path.slice(1).replaceAll('/', '-'), path)),
  ]
}

/** Sorted by name, as kubeadm does everywhere but in etcd's pod. */
export const byName = (volumes: readonly Volume[]): Volume[] =>
  [...volumes].sort((a, b) => (a.name < b.name ? -1 : 1))
