import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { NotYet } from '../../engine/late.js'
import { createEtcdClient, type EtcdClient } from '../../kubernetes/client/etcd.js'
import { etcdServerVersion, etcdUnhealthy } from '../../kubernetes/client/etcd-http.js'
import { type Credentials, createHttpClient } from '../../kubernetes/client/http.js'
import { messageOf } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'

/**
 * What a control plane's API server shows an etcd that is not beside it; undefined while the files are not there.
 * Those that the operator has are not looked for on the machine.
 */
export async function planeCredentials(
  { spec, etcdClient }: Context,
  { host }: Machine,
): Promise<Credentials | undefined> {
  const { external } = spec.etcd
  if (etcdClient || !external) return etcdClient
  const { caFile, certFile, keyFile } = external
  const read = await host.read({
    what: "read the API server's client certificate for etcd",
    script: 'for f in "$@"; do cat -- "$f" || exit 1; echo @; done 2>/dev/null',
    args: [caFile, certFile, keyFile],
  })
  if (read.code !== 0) return undefined
  const [ca = '', cert = '', key = ''] = read.stdout.toString().split('@\n')
  return { ca, cert, key: new Secret(key) }
}

/** A member of an external etcd, asked from a control plane at one of the endpoints that its API server has. */
export function openEndpoint({ host }: Machine, credentials: Credentials, endpoint: string): EtcdClient {
  const { address, port } = placeOf(endpoint)
  return createEtcdClient(endpoint, () => host.connection.openTcp(address, port), credentials, address)
}

/** What an endpoint says of itself, seen from a control plane. Throws when it does not answer. */
export async function askEndpoint(
  { host }: Machine,
  credentials: Credentials,
  endpoint: string,
): Promise<{ version: string; unhealthy: string | undefined }> {
  const { address, port } = placeOf(endpoint)
  const open = () => host.connection.openTcp(address, port)
  const http = createHttpClient(endpoint, open, credentials, undefined, address)
  try {
    const [version, unhealthy] = await Promise.all([etcdServerVersion(http), etcdUnhealthy(http)])
    return { version, unhealthy }
  } finally {
    http.close()
  }
}

/**
 * What is missing until a control plane's API server has an etcd that answers with a quorum; undefined when it has.
 * One endpoint that does is enough: it speaks for the others. Throws NotYet while its files are not there.
 */
export async function externalEtcdMissing(context: Context, machine: Machine): Promise<string | undefined> {
  const credentials = await planeCredentials(context, machine)
  if (!credentials) throw new NotYet("the API server's client certificate for etcd")
  const silent: string[] = []
  for (const endpoint of context.spec.etcd.external?.endpoints ?? [])
    try {
      const { unhealthy } = await askEndpoint(machine, credentials, endpoint)
      if (unhealthy === undefined) return undefined
      silent.push(`${endpoint}: ${unhealthy}`)
    } catch (error) {
      silent.push(`${endpoint}: ${messageOf(error)}`)
    }
  return `etcd answers (${silent.join('; ')})`
}

function placeOf(endpoint: string): { address: string; port: number } {
  const { hostname, port } = new URL(endpoint)
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || 443 }
}
