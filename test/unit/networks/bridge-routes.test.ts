import { describe, expect, test } from 'vitest'
import { Late } from '../../../src/engine/late.js'
import type { Host } from '../../../src/host/host.js'
import { parseRoutes } from '../../../src/networks/bridge/route-table.js'
import { routes } from '../../../src/networks/bridge/routes.js'
import type { NetworkNode, NodeSettings } from '../../../src/networks/network.js'
import { applyNow } from '../../support/apply-now.js'
import { fakeHost } from '../../support/fake-host.js'

/** Nodes n1, n2 …, of which some have no subnet yet. */
function nodesOf(count: number, unknown: readonly string[] = []): NetworkNode[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `n${i + 1}`
    const podCidr = new Late<string>(name)
    if (!unknown.includes(name)) podCidr.set(`10.244.${i + 1}.0/24`)
    return { name, address: `10.88.0.${i + 1}`, podCidr, knownAfter: '' }
  })
}

function step(nodes: readonly NetworkNode[], chosen?: readonly string[], host: Host = fakeHost('n1')) {
  const names = nodes.map(({ name }) => name)
  const settings: NodeSettings = {
    podSubnet: '10.244.0.0/16',
    flannel: { backend: 'vxlan' },
    members: async () => ['n1', 'n2', 'n3', 'theirs'],
    inventory: new Set(names),
    chosen: chosen && new Set(chosen),
    allKnownAfter: 'cluster/node:*',
  }
  return routes(host, { nodes, names }, settings, [])
}

/** What a look finds on a host: what the files say, and the kernel's routes. */
const seen = (recorded: string, kernel: string, over: { planning?: boolean; members?: string[] } = {}) => ({
  ...parseRoutes(`${recorded}\n${kernel}`),
  planning: over.planning ?? false,
  members: over.members && new Set(over.members),
})
const both = {
  recorded: 'file 10.244.2.0/24 10.88.0.2 n2\nfile 10.244.3.0/24 10.88.0.3 n3',
  kernel:
    'default via 10.88.0.254 dev eth0\n10.244.2.0/24 via 10.88.0.2 dev eth0\n10.244.3.0/24 via 10.88.0.3 dev eth0\n10.88.0.0/24 dev eth0 scope link',
}

describe('the routes of a node', () => {
  test('are read once, however many nodes have the same', () => {
    const [first, second] = [1, 2].map(() => parseRoutes(`${both.recorded}\n${both.kernel}`))
    expect(first?.recorded).toHaveLength(2)
    expect(first?.recorded.every((route, i) => route === second?.recorded[i])).toBe(true)
  })

  test('are one step, which names each that is lacking', () => {
    expect(step(nodesOf(3)).diff(seen('', ''))).toEqual([
      {
        kind: 'update',
        subjects: ['n2', 'n3'],
        summary: 'routes to the Pods of 2 nodes',
        diff: '+10.244.2.0/24 via 10.88.0.2 (n2)\n+10.244.3.0/24 via 10.88.0.3 (n3)',
      },
    ])
    expect(step(nodesOf(3)).diff(seen(both.recorded, '10.244.2.0/24 via 10.88.0.2 dev eth0'))).toEqual([
      { kind: 'update', subjects: ['n3'], summary: 'route 10.244.3.0/24 via 10.88.0.3' },
    ])
    expect(step(nodesOf(3)).diff(seen(both.recorded, both.kernel))).toEqual([])
  })

  test('are known after apply in a plan while a node has no subnet; in the run those that have one are made', () => {
    const one = step(nodesOf(4, ['n4']))
    expect(() => one.diff(seen(both.recorded, both.kernel, { planning: true }))).toThrow(
      'the Pod subnet of n4',
    )
    expect(one.diff(seen('', '', { planning: true })).map(({ summary }) => summary)).toEqual([
      'routes to the Pods of 2 nodes',
      'routes to the Pods of n4, known after apply',
    ])
    expect(one.diff(seen(both.recorded, both.kernel))).toEqual([])
    expect(() =>
      step(nodesOf(9, ['n4', 'n5', 'n6', 'n7'])).diff(seen('', '', { planning: true })),
    ).not.toThrow()
    expect(() => step(nodesOf(5, ['n2', 'n3', 'n4', 'n5'])).diff(seen('', '', { planning: true }))).toThrow(
      'the Pod subnets of 4 nodes',
    )
  })

  test('are changed with the ways to former subnets taken away first', async () => {
    const told: unknown[] = []
    const host = fakeHost('n1', {
      answer: () => ({
        stdout: Buffer.from(
          'file 10.244.9.0/24 10.88.0.2 n2\n10.244.9.0/24 via 10.88.0.2 dev eth0\n10.244.3.0/24 via 10.88.0.3 dev eth0\n',
        ),
      }),
      onMutate: ({ stdin }) => {
        told.push(stdin)
        return undefined
      },
    })
    await applyNow(step(nodesOf(3), undefined, host))
    expect(told).toEqual([
      'route del 10.244.9.0/24 via 10.88.0.2\n',
      'route replace 10.244.2.0/24 via 10.88.0.2\nroute replace 10.244.3.0/24 via 10.88.0.3\n',
    ])
    expect(host.files.get('/etc/kubestrap/bridge/routes/_nodes')).toBe(
      '10.244.2.0/24 10.88.0.2 n2\n10.244.3.0/24 10.88.0.3 n3\n',
    )
  })

  test('to a node that is in neither the inventory nor the cluster are removed', () => {
    const recorded = `${both.recorded}\nfile 10.244.9.0/24 10.88.0.9 away\nfile 10.244.8.0/24 10.88.0.8 theirs`
    expect(
      step(nodesOf(3)).diff(seen(recorded, both.kernel, { members: ['n1', 'n2', 'n3', 'theirs'] })),
    ).toEqual([
      {
        kind: 'remove',
        subjects: ['away'],
        summary: 'remove the route to 10.244.9.0/24, the Pods of away',
      },
    ])
  })

  test('leave a limited run alone that is not about their nodes', () => {
    const nodes = nodesOf(4, ['n4'])
    // n4 is not in the run: nothing is awaited
    expect(step(nodes, ['n1']).diff(seen(both.recorded, both.kernel, { planning: true }))).toEqual([])
  })

  test('of files one a node, as version 0.1.0 left them, are put into one', () => {
    const found = seen(`scattered\n${both.recorded}`, both.kernel)
    expect(
      step(nodesOf(3))
        .diff(found)
        .map(({ summary }) => summary),
    ).toEqual(['keep the routes in one file, /etc/kubestrap/bridge/routes/_nodes'])
  })

  test('are compared by what they mean', () => {
    const late = new Late<string>('n2')
    late.set('fd00::2/128')
    const nodes = [...nodesOf(1), { name: 'n2', address: '2001:DB8:0::2', podCidr: late, knownAfter: '' }]
    const found = seen('file fd00:0::2/128 2001:db8::2 n2', 'fd00::2 via 2001:db8::2 dev eth0 metric 1024')
    expect(step(nodes).diff(found)).toEqual([])
  })

  test('that cannot be read are written anew', () => {
    const found = seen('file 10.244.2.0/24;reboot 10.88.0.2 n2\nfile 10.244.3.0/24 10.88.0.3 n3', both.kernel)
    expect(step(nodesOf(3)).diff(found)).toMatchObject([{ summary: 'route 10.244.2.0/24 via 10.88.0.2' }])
  })
})
