import { parseEndpoint } from '../inventory/endpoint.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { hostPort } from '../kubernetes/service-address.js'
import { parseAddress } from '../lib/cidr.js'
import { UserError } from '../lib/errors.js'
import { endpointServer } from './kubeconfigs.js'

/**
 * Where an operator's kubectl asks: the endpoint, or another way to an API server that he names (a tunnel, an address
 * outside, the load balancer by another name). Where what he names is in no API server's certificate, kubectl is told a
 * name that is in each.
 * @param given "HOST[:PORT]", port as the endpoint's; '' for the endpoint
 * Throws UserError('usage') when it cannot be read.
 */
export function operatorServer(spec: ClusterSpec, given: string): { url: string; tlsServerName?: string } {
  if (given === '') return { url: endpointServer(spec) }
  const { endpoint } = spec
  const text = given.replace(/^https:\/\//, '').replace(/\/$/, '')
  const bare = parseAddress(text)?.family === 'ipv6' ? `[${text}]` : text
  const server = parseEndpoint(bare) ?? parseEndpoint(`${bare}:${endpoint.port}`)
  if (!server)
    throw new UserError('usage', `--server ${given} is not HOST[:PORT]`, {
      next: 'write a name or an address: --server api.example.com:6443, --server [fd00::1]:6443',
    })
  const url = `https://${hostPort(server.host, server.port)}`
  if (certified(spec).some((name) => same(name, server.host))) return { url }
  return { url, tlsServerName: endpoint.named ? endpoint.host : 'kubernetes' }
}

/** Names that the API server which answers by them has in its certificate. */
function certified({ hosts, endpoint, apiServer, loadBalancer }: ClusterSpec): string[] {
  return [
    endpoint.host,
    ...(loadBalancer?.virtualIp === undefined ? [] : [loadBalancer.virtualIp]),
    ...apiServer.certSANs,
    ...hosts
      .filter(({ roles }) => roles.includes('control-plane'))
      .flatMap(({ name, address }) => [name, address]),
  ]
}

function same(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)]
  if (one && other) return one.family === other.family && one.value === other.value
  return a.toLowerCase() === b.toLowerCase()
}
