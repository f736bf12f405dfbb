import { adminConf } from '../cluster/admin-credentials.js'
import { messageOf, UserError } from '../lib/errors.js'
import type { Secret } from '../lib/secret.js'
import { buildKubeconfig } from '../pki/kubeconfig.js'
import { checkedKubeconfig } from '../pki/parse-kubeconfig.js'

export { operatorServer } from '../pki/operator-server.js'

/** How kubectl reaches the API: the inventory's endpoint, or another way that the operator names. */
export interface ApiServer {
  /** URL. */
  url: string
  /** The name that the API server's certificate is checked for, where the URL's is not in it. */
  tlsServerName?: string
}

/** An administrator, checked: what a kubeconfig for kubectl is built of. */
export interface Administrator {
  server: ApiServer
  /** PEM. */
  ca: string
  cert: string
  key: Secret
}

/**
 * A control plane's admin.conf as an operator may use it. What the machine says decides neither where kubectl goes nor
 * what it runs: the server comes from here, authority, certificate and key were read and belong together.
 * Throws UserError('step') that names what else stands in the file; never quotes it.
 */
export function administratorOf(text: string, host: string, server: ApiServer): Administrator {
  try {
    return { server, ...checkedKubeconfig(text) }
  } catch (error) {
    throw new UserError('step', `${adminConf} of ${host} is refused`, {
      host,
      why: messageOf(error),
      next: `find out who changed it; kubestrap plan shows what kubestrap up would put right`,
    })
  }
}

/** The kubeconfig of an administrator by himself, in kubeadm's layout. */
export function adminKubeconfig(administrator: Administrator, clusterName: string): Secret {
  const { server, ca, cert, key } = administrator
  return buildKubeconfig({
    clusterName,
    server: server.url,
    ...(server.tlsServerName === undefined ? {} : { tlsServerName: server.tlsServerName }),
    ca,
    user: 'kubernetes-admin',
    certificate: cert,
    key,
  })
}
