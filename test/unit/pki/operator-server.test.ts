import { describe, expect, it } from 'vitest'
import { operatorServer } from '../../../src/pki/operator-server.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const balanced = {
  type: 'haproxy',
  virtualIp: '10.88.0.100',
  interface: undefined,
  routerId: 100,
  image: undefined,
}
const spec = clusterSpec({
  endpoint: { host: 'api.lab', port: 8443, named: true, explicit: true },
  apiServer: { bindPort: 6443, certSANs: ['api.example.com'], extraVolumes: [], extraArgs: {} },
  loadBalancer: balanced,
  hosts: [
    hostSpec({ name: 'cp1', address: 'fd00::11' }),
    hostSpec({ name: 'w1', address: '10.0.0.21', roles: ['worker'] }),
  ],
})

describe("where an operator's kubectl asks", () => {
  it.each([
    ['', { url: 'https://api.lab:8443' }],
    ['api.example.com', { url: 'https://api.example.com:8443' }],
    ['10.88.0.100:6443', { url: 'https://10.88.0.100:6443' }],
    ['[fd00:0:0::11]:6443', { url: 'https://[fd00:0:0::11]:6443' }],
    ['cp1:6443', { url: 'https://cp1:6443' }],
    ['127.0.0.1:16443', { url: 'https://127.0.0.1:16443', tlsServerName: 'api.lab' }],
    ['::1', { url: 'https://[::1]:8443', tlsServerName: 'api.lab' }],
    ['https://tunnel.example.com/', { url: 'https://tunnel.example.com:8443', tlsServerName: 'api.lab' }],
    ['w1', { url: 'https://w1:8443', tlsServerName: 'api.lab' }],
  ])('with --server %j is %j', (given, server) => {
    expect(operatorServer(spec, given)).toEqual(server)
  })

  it('is checked for a name that is in every certificate, where the endpoint is an address', () => {
    const plain = clusterSpec({ endpoint: { host: '10.0.0.11', port: 6443, named: false, explicit: false } })
    expect(operatorServer(plain, 'localhost:7443')).toEqual({
      url: 'https://localhost:7443',
      tlsServerName: 'kubernetes',
    })
  })

  it.each(['http://a', 'a:b', 'a/b', 'a b', '1.2.3', 'a:70000', '$(x)'])('refuses --server %j', (given) => {
    expect(() => operatorServer(spec, given)).toThrowError(expect.objectContaining({ kind: 'usage' }))
  })
})
