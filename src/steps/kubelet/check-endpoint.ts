import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { createHttpClient } from '../../kubernetes/client/http.js'
import { textAt } from '../../kubernetes/read.js'
import { messageOf, UserError } from '../../lib/errors.js'
import { spkiHash } from '../../pki/fingerprint.js'
import { clusterInfoAuthority } from '../../pki/parse-kubeconfig.js'
import { trustListOf, trustText } from '../../pki/trust.js'

/** A balancer sends nobody to an API server that it has not seen well twice, a second or two apart. */
const patienceMs = 10_000
const everyMs = 250

const clusterInfo = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/**
 * Whether a worker reaches the cluster it is about to join, by the way its kubelet will take: the
 * endpoint, as the worker itself resolves and routes it. Its certificate must be the authority's, and
 * an authority that cluster-info names must have a pinned hash (kubeadm's discovery-token-ca-cert-hash).
 * Throws UserError('step').
 */
export async function checkEndpoint(context: Context, { host }: Machine): Promise<void> {
  const { spec, authorities } = context
  const trusted = authorities.get().trusted('kubernetes')
  const { host: name, port } = spec.endpoint
  const http = createHttpClient(
    `${name}:${port}`,
    () => host.connection.openTcp(name, port),
    undefined,
    trustText(trusted),
  )
  const refuse = (message: string, why: string, next: string): UserError =>
    new UserError('step', message, { host: host.name, why, next })
  try {
    const answer = await patiently(context, () => http.send('GET', clusterInfo, { timeoutMs: 10_000 })).catch(
      (error: unknown) => {
        throw refuse(
          `cannot reach the API at ${name}:${port} from this machine`,
          messageOf(error),
          'check the route and the firewall between this machine and the endpoint (kubernetes.controlPlaneEndpoint)',
        )
      },
    )
    if (answer.status !== 200)
      throw refuse(
        `${name}:${port} does not serve the cluster-info ConfigMap`,
        `the answer is ${answer.status}`,
        'run kubestrap up',
      )
    const shown = authorityShown(answer.body, (why) =>
      refuse(`${name}:${port} shows no usable cluster-info`, why, 'fix kubernetes.controlPlaneEndpoint'),
    )
    const ours = trusted.map(spkiHash)
    if (!shown.some((hash) => ours.includes(hash)))
      throw refuse(
        `${name}:${port} belongs to another cluster`,
        `its CA has the hash ${shown.join(', ')}, the cluster's CA ${ours.join(', ')}`,
        'fix kubernetes.controlPlaneEndpoint',
      )
  } finally {
    http.close()
  }
}

/** The hashes of the authorities a cluster-info ConfigMap names. Whatever answers there may say anything. */
function authorityShown(body: string, refuse: (why: string) => UserError): string[] {
  try {
    return trustListOf(clusterInfoAuthority(textAt(JSON.parse(body), 'data', 'kubeconfig'))).map(spkiHash)
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? 'the answer is not JSON' : String(error))
  }
}

/** Asks again while no connection comes about; an answer, whatever it says, is one. */
async function patiently<T>({ now, sleep }: Context, ask: () => Promise<T>): Promise<T> {
  const deadline = now().getTime() + patienceMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (now().getTime() > deadline) throw error
    }
    await sleep(everyMs)
  }
}
