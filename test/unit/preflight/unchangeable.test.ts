import { describe, expect, test } from 'vitest'
import { clusterConfiguration } from '../../../src/kubernetes/config/kubeadm-config.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'
import { type Living, refusals, refuse, strangers } from '../../../src/preflight/unchangeable.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const spec = clusterSpec()
const living: Living = {
  clusterConfiguration: renderYaml(clusterConfiguration(spec, releaseFor(spec.version))),
  nodes: spec.hosts.map(({ name, address, roles }) => ({
    name,
    address,
    runtime: `${spec.runtime}://20.10.24`,
    controlPlane: roles.includes('control-plane'),
    ready: true,
  })),
}

describe('what up does not change on a living cluster', () => {
  test('is nothing when the inventory says what the cluster is', () => {
    expect(refusals(spec, living)).toEqual([])
    expect(() => refuse(spec, [])).not.toThrow()
  })

  test.each([
    ['kubernetes.version', { version: '1.20.1' }],
    ['networking.podSubnet', { networking: { ...spec.networking, podSubnet: '10.99.0.0/16' } }],
    ['networking.serviceSubnet', { networking: { ...spec.networking, serviceSubnet: '10.98.0.0/16' } }],
    ['networking.dnsDomain', { networking: { ...spec.networking, dnsDomain: 'other.local' } }],
    ['runtime', { runtime: 'other' }],
    ['etcd.dataDir', { etcd: { ...spec.etcd, dataDir: '/data/etcd' } }],
    ['hosts.cp1.roles', { hosts: [hostSpec({ roles: ['worker'] })] }],
    ['hosts.cp1.address', { hosts: [hostSpec({ address: '10.88.0.99' })] }],
  ])('is refused by its field: %s', (field, change) => {
    const changed = { ...spec, ...change }
    expect(refusals(changed, living).map((one) => one.field)).toEqual([field])
    expect(() => refuse(changed, refusals(changed, living))).toThrowError(
      expect.objectContaining({ kind: 'inventory' }),
    )
  })

  test('an external etcd may get and lose members, and may not become another one', () => {
    const at = (...hosts: string[]) =>
      clusterSpec({
        etcd: {
          ...spec.etcd,
          external: {
            endpoints: hosts.map((host) => `https://${host}:2379`),
            caFile: '/a',
            certFile: '/b',
            keyFile: '/c',
          },
        },
      })
    const is = {
      ...living,
      clusterConfiguration: renderYaml(clusterConfiguration(at('e1', 'e2'), releaseFor(spec.version))),
    }
    expect(refusals(at('e2', 'e3', 'e4'), is)).toEqual([])
    expect(refusals(at('e3', 'e4'), is)).toEqual([
      expect.objectContaining({ field: 'etcd', is: 'https://e1:2379, https://e2:2379' }),
    ])
  })

  test('a host whose address is known under another name is a renamed node', () => {
    const [first] = living.nodes
    const renamed = {
      ...living,
      nodes: [{ name: 'was', address: first?.address ?? '', runtime: '', controlPlane: true, ready: true }],
    }
    expect(refusals(spec, renamed)).toEqual([
      expect.objectContaining({
        field: `hosts.${spec.hosts[0]?.name}`,
        is: 'was',
        wanted: spec.hosts[0]?.name,
      }),
    ])
  })

  test('a node that is not in the inventory is nobody to refuse', () => {
    const stranger = {
      name: 'stranger',
      address: '192.0.2.99',
      runtime: 'containerd://1.6',
      controlPlane: false,
      ready: true,
    }
    expect(refusals(spec, { ...living, nodes: [stranger] })).toEqual([])
    expect(strangers(spec, { ...living, nodes: [...living.nodes, stranger] })).toEqual([
      expect.stringContaining('node stranger (192.0.2.99)'),
    ])
  })

  test.each([
    [true, 'kubestrap reset 192.0.2.99', '--gone'],
    [false, 'kubestrap reset --gone 192.0.2.99', 'drains it first'],
  ])('one that is not in the inventory and is Ready: %s is told the way that helps', (ready, way, other) => {
    const stranger = { name: 'stranger', address: '192.0.2.99', runtime: '', controlPlane: false, ready }
    const [said = ''] = strangers(spec, { ...living, nodes: [stranger] })
    expect(said).toContain(way)
    expect(said).not.toContain(other)
  })
})
