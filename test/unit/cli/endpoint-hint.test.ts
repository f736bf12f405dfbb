import { describe, expect, it } from 'vitest'
import { endpointLine, serverFromHere } from '../../../src/cli/endpoint-hint.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const named = { host: 'api.lab', port: 6443, named: true, explicit: true }
const hosts = [hostSpec({ address: '10.0.0.11' })]
const balancer = { interface: undefined, virtualIp: undefined, routerId: 1, image: undefined }

describe('what a machine beside the cluster needs to know its endpoint', () => {
  it.each([
    [
      'a name kept in /etc/hosts',
      clusterSpec({ endpoint: named, hosts, endpointAddress: '10.0.0.100' }),
      '10.0.0.100 api.lab',
    ],
    [
      'a name for each node itself',
      clusterSpec({ endpoint: named, hosts, endpointAddress: '127.0.0.1' }),
      '10.0.0.11 api.lab',
    ],
    [
      'an address',
      clusterSpec({ endpoint: { ...named, host: '10.0.0.11', named: false }, hosts }),
      undefined,
    ],
    [
      "a name of the user's own balancer",
      clusterSpec({
        endpoint: named,
        hosts,
        endpointAddress: undefined,
        loadBalancer: { type: 'external', ...balancer },
      }),
      undefined,
    ],
  ])('of %s', (_, spec, line) => {
    expect(endpointLine(spec)).toBe(line)
  })
})

describe('the way to the API from here, where its name is not known', () => {
  const ports = { apiServer: { ...clusterSpec({ hosts }).apiServer, bindPort: 6444 } }
  const own = { ...named, port: 8443 }
  it.each([
    [
      'an API server, where the name stands for each node itself',
      clusterSpec({ endpoint: own, hosts, endpointAddress: '127.0.0.1', ...ports }),
      '10.0.0.11:6444',
    ],
    [
      'the balancer that the name stands for',
      clusterSpec({ endpoint: own, hosts, endpointAddress: '10.0.0.100', ...ports }),
      '10.0.0.100:8443',
    ],
    ['none of an address', clusterSpec({ endpoint: { ...own, named: false }, hosts, ...ports }), undefined],
  ])('is %s', async (_, spec, way) => {
    expect(await serverFromHere(spec, async () => false)).toBe(way)
    expect(await serverFromHere(spec, async () => true)).toBeUndefined()
  })
})
