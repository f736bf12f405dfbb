/**
 * An object of the Kubernetes API as we want it: what the API server fills in (creationTimestamp,
 * resourceVersion, status) is not part of it.
 */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: readonly unknown[]
  }
  [field: string]: unknown
}
