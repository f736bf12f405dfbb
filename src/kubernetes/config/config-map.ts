import { createHash } from 'node:crypto'
import type { KubeObject } from '../kube-object.js'

const hashAnnotation = 'kubeadm.kubernetes.io/component-config.hash'

export interface ConfigMapOptions {
  namespace?: string
  labels?: Record<string, string>
  /**
   * Annotate with the hash that tells `kubeadm upgrade` it wrote the content itself and may write
   * it anew; content of the user's has none.
   */
  hash?: boolean
}

/** A ConfigMap, by default in kube-system. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>>,
  options: ConfigMapOptions = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: options.namespace ?? 'kube-system',
      ...(options.labels ? { labels: options.labels } : {}),
      ...(options.hash ? { annotations: { [hashAnnotation]: contentHash(data) } } : {}),
    },
    data,
  }
}

/** SHA-256 over the values in the order of their keys (kubeadm: ChecksumForConfigMap). */
function contentHash(data: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256')
  for (const key of Object.keys(data).sort()) hash.update(data[key] ?? '')
  return `sha256:${hash.digest('hex')}`
}
