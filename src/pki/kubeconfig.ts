import { renderYaml } from '../kubernetes/render-yaml.js'
import { Secret } from '../lib/secret.js'
import type { BootstrapToken } from './bootstrap-token.js'

export { type KubeconfigFacts, parseKubeconfig } from './parse-kubeconfig.js'

interface ClusterPart {
  clusterName: string
  /** URL. */
  server: string
  /** PEM of the cluster's authority. */
  ca: string
  /** The name to check the API server's certificate for, where it is not the URL's. */
  tlsServerName?: string
  /** Write an empty `preferences`: `release.kubeconfig.preferences`. Default false. */
  preferences?: boolean
}

/** kubeadm's user of bootstrap-kubelet.conf (constants.TokenUser). */
const tokenUser = 'tls-bootstrap-token-user'

/**
 * A kubeconfig with everything embedded, in kubeadm's layout.
 * @param options certificate and key are PEM
 */
export function buildKubeconfig(
  options: ClusterPart & { user: string; certificate: string; key: Secret },
): Secret {
  const { user, certificate, key } = options
  return new Secret(
    render(options, user, {
      'client-certificate-data': base64(certificate),
      'client-key-data': base64(key.reveal()),
    }),
  )
}

/** bootstrap-kubelet.conf: what a kubelet asks for its first certificate with. */
export function bootstrapKubeconfig(options: ClusterPart & { token: BootstrapToken }): Secret {
  const { id, secret } = options.token
  return new Secret(render(options, tokenUser, { token: `${id}.${secret.reveal()}` }))
}

/**
 * kubelet.conf that names the files the kubelet renews by itself, as `kubeadm init` leaves it
 * (phase kubelet-finalize). Holds no secret.
 */
export function kubeletKubeconfig(
  options: ClusterPart & { user: string; certificateFile: string; keyFile: string },
): string {
  return render(options, options.user, {
    'client-certificate': options.certificateFile,
    'client-key': options.keyFile,
  })
}

function render(cluster: ClusterPart, user: string, credentials: Record<string, string>): string {
  const context = `${user}@${cluster.clusterName}`
  return renderYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': base64(cluster.ca),
          server: cluster.server,
          ...(cluster.tlsServerName === undefined ? {} : { 'tls-server-name': cluster.tlsServerName }),
        },
        name: cluster.clusterName,
      },
    ],
    contexts: [{ context: { cluster: cluster.clusterName, user }, name: context }],
    'current-context': context,
    ...(cluster.preferences ? { preferences: {} } : {}),
    users: [{ name: user, user: credentials }],
  })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
