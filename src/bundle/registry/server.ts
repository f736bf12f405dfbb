import type { Secret } from '../../lib/secret.js'

/** A server that images are pulled from. */
export interface ImageServer {
  /** What stands before NAME/manifests/TAG: "https://registry.k8s.io/v2". */
  base: string
  /** Asked in the place of this registry, which it is told (?ns=, as containerd does). */
  mirrorOf?: string
  ca: string | undefined
  skipVerify: boolean
  auth: { username: string; password: Secret } | undefined
}
