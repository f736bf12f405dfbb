import type { BootstrapToken } from '../../pki/bootstrap-token.js'
import type { KubeObject } from '../kube-object.js'
import { bootstrappersGroup } from './rbac.js'

export interface BootstrapTokenOptions {
  expiration: Date
  /** Shown by `kubeadm token list`. */
  description: string
  /** Groups its bearer is in beside system:bootstrappers. Default: kubeadm's node-token group. */
  groups?: readonly string[]
  /** False: it lets nobody in, and only ends what it owns when it expires. Default true. */
  usable?: boolean
}

/** The Secret that makes a bootstrap token valid, for authentication and for signing cluster-info. */
export function bootstrapTokenSecret(token: BootstrapToken, options: BootstrapTokenOptions): KubeObject {
  const { expiration, description, usable = true, groups = usable ? [bootstrappersGroup] : [] } = options
  const data = {
    'auth-extra-groups': groups.join(','),
    description,
    // RFC 3339 without fractions, as kubeadm writes it
    expiration: expiration.toISOString().replace(/\.\d+Z$/, 'Z'),
    'token-id': token.id,
    'token-secret': token.secret.reveal(),
    'usage-bootstrap-authentication': usable ? 'true' : '',
    'usage-bootstrap-signing': usable ? 'true' : '',
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${token.id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(
      Object.entries(data)
        .filter(([, text]) => text !== '')
        .map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
    ),
  }
}
