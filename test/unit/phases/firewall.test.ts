import { describe, expect, test } from 'vitest'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import type { Context } from '../../../src/cluster/context.js'
import type { Machine } from '../../../src/cluster/machine.js'
import type { Facts } from '../../../src/host/facts/facts.js'
import type { HostSpec, Role } from '../../../src/inventory/spec.js'
import { flannel } from '../../../src/networks/flannel/flannel.js'
import { firewall } from '../../../src/phases/firewall.js'
import { lookCloser, notCloser } from '../../../src/preflight/closer.js'
import { closerChecks } from '../../../src/preflight/closer-checks.js'
import { openingsOf } from '../../../src/steps/host/firewall-openings.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { clusterSpec } from '../../support/spec.js'

const host = (roles: readonly Role[], spec: Partial<HostSpec> = {}, facts: Partial<Facts> = {}) =>
  machine({ name: 'w1', roles, ...spec }, { kubernetes: false, firewalls: ['firewalld'], ...facts })

const haproxyWithVirtualIp = {
  type: 'haproxy',
  virtualIp: '10.0.0.9',
  interface: undefined,
  routerId: 9,
  image: undefined,
} as const

describe('a firewall must let in', () => {
  const of = (roles: readonly Role[], over: Partial<Context> = {}) => {
    const one = host(roles)
    return openingsOf(contextOf([one], over), one)
  }

  test('what the roles of the host need', () => {
    const node = ['10250/tcp', '10256/tcp', '30000-32767/tcp', '30000-32767/udp']
    expect(of(['worker'])).toEqual({ ports: node, protocols: [], trusted: ['10.244.0.0/16'] })
    expect(of(['control-plane']).ports).toEqual(['6443/tcp', '2379-2380/tcp', ...node])
    expect(of(['etcd'])).toEqual({ ports: ['2379-2380/tcp'], protocols: [], trusted: [] })
  })

  test('what the network and the load balancer need, and the ports that the inventory gives', () => {
    expect(of(['worker'], { network: flannel }).ports).toContain('8472/udp')
    const spec = clusterSpec({
      apiServer: {
        bindPort: 6444,
        certSANs: [],
        extraVolumes: [],
        extraArgs: { 'service-node-port-range': '31000-31999' },
      },
      loadBalancer: haproxyWithVirtualIp,
    })
    expect(of(['load-balancer'], { balancer: haproxy, spec })).toEqual({
      ports: ['6443/tcp'],
      protocols: ['vrrp'],
      trusted: [],
    })
    expect(of(['control-plane'], { spec }).ports).toEqual(
      expect.arrayContaining(['6444/tcp', '31000-31999/tcp', '31000-31999/udp']),
    )
  })
})

describe('firewalld', () => {
  const steps = (...args: Parameters<typeof host>) =>
    firewall.steps(contextOf([host(...args)])).map(({ id }) => id)

  test('is opened on a new host where it is active', () => {
    expect(steps(['worker'])).toEqual(['firewalld'])
    expect(steps(['worker'], {}, { firewalls: [] })).toEqual([])
    expect(steps(['worker'], {}, { firewalls: ['ufw'] })).toEqual([])
    expect(steps(['worker'], {}, { firewalls: 'unknown' })).toEqual([])
  })

  test('is left alone on a node, unless the inventory says so, and where it says so', () => {
    expect(steps(['worker'], {}, { kubernetes: true })).toEqual([])
    expect(steps(['worker'], { firewall: 'open' }, { kubernetes: true })).toEqual(['firewalld'])
    expect(steps(['worker'], { firewall: 'leave' })).toEqual([])
  })

  describe('of a host of the load balancer', () => {
    const spec = clusterSpec({
      loadBalancer: haproxyWithVirtualIp,
    })
    const on = (lb: Machine) => contextOf([lb], { balancer: haproxy, spec })
    const balancerOf = (over: Partial<HostSpec> = {}, facts: Partial<Facts> = {}) =>
      host(['load-balancer'], { name: 'lb1', ...over }, facts)
    const changes = (lb: Machine) => firewall.steps(on(lb)).map(({ id, target }) => `${target}/${id}`)

    test('is opened where kubestrap has not set the load balancer up yet', () => {
      expect(changes(balancerOf())).toEqual(['lb1/firewalld'])
      // a cut between the configuration and the unit, which follows what a new host gets
      expect(changes(balancerOf({}, { ownUnits: ['kubestrap-keepalived.service'] }))).toEqual([
        'lb1/firewalld',
      ])
      expect(openingsOf(on(balancerOf()), balancerOf())).toEqual({
        ports: ['6443/tcp'],
        protocols: ['vrrp'],
        trusted: [],
      })
    })

    test('is left alone where it lives, unless the inventory says so', () => {
      const living = { ownUnits: ['kubestrap-haproxy.service'] }
      expect(changes(balancerOf({}, living))).toEqual([])
      expect(changes(balancerOf({ firewall: 'open' }, living))).toEqual(['lb1/firewalld'])
      // whoever has the role for a load balancer that is not kubestrap's
      expect(firewall.steps(contextOf([balancerOf()]))).toEqual([])
      // a living node stays what it is
      expect(changes(balancerOf({ roles: ['worker', 'load-balancer'] }, { kubernetes: true }))).toEqual([])
    })

    test.each([
      ['open', undefined, 'Firewalld warning: nothing to do: up opens 6443/tcp, vrrp;'],
      [
        'leave',
        'PortReach error: allow this traffic in the firewalls and security groups between the machines, and check the route; firewalld is active on lb1: firewall: open for it makes up open the port',
        'Firewalld warning: it must allow 6443/tcp, vrrp, also after it reloads its rules; or set firewall: open for the host',
      ],
    ] as const)('is looked at, and named, with firewall: %s', async (wish, port, said) => {
      const asked: string[] = []
      const fake = (name: string, said: string) =>
        fakeHost(name, {
          answer: ({ what = '' }) => {
            asked.push(`${name}: ${what}`)
            if (what.startsWith('try'))
              return {
                stdout: Buffer.from(
                  '0 1 bash: connect: No route to host\n1 1 bash: connect: No route to host\n',
                ),
              }
            return what === 'look for runtimes' ? { stdout: Buffer.from(said) } : undefined
          },
        })
      const lb = {
        ...balancerOf(wish === 'leave' ? { firewall: wish } : {}),
        host: fake('lb1', 'firewall firewalld\nend\n'),
      }
      const w1 = { ...host(['worker'], {}, { kubernetes: true, firewalls: [] }), host: fake('w1', 'end\n') }
      const all = contextOf([lb, w1], { balancer: haproxy, spec: { ...spec, hosts: [lb.spec, w1.spec] } })
      const closer = await lookCloser(all, false)
      const told = closerChecks.flatMap(({ name, run }) =>
        run(all, closer).map(({ severity, next }) => `${name} ${severity}: ${next}`),
      )
      // the node lives, and still is asked whether it reaches the new host
      expect(asked).toEqual(expect.arrayContaining(['lb1: look for runtimes', 'w1: try 1 ports']))
      expect(asked).not.toContain('w1: look for runtimes')
      expect(told).toEqual([
        port ?? 'PortReach warning: nothing to do if firewalld there rejects it: up opens the port',
        expect.stringContaining(said),
      ])
    })
  })

  test('that will be opened is no reason to stop, and another is told what it must allow', () => {
    const told = (firewalls: readonly string[]) => {
      const one = host(['worker'], {}, { firewalls })
      const from = machine()
      const way = { from, to: 'w1', address: '10.88.0.15', port: 10250, what: 'kubelet', mustListen: false }
      const closer = {
        ...notCloser,
        ways: [{ ...way, result: 'blocked' as const, words: '' }],
        presence: new Map([['w1', { runtimes: [], firewalls, swappers: [] }]]),
      }
      return closerChecks.flatMap(({ name, run }) =>
        run(contextOf([from, one]), closer).map(({ severity, next }) => `${name} ${severity}: ${next}`),
      )
    }
    expect(told(['firewalld'])).toEqual([
      'PortReach warning: nothing to do if firewalld there rejects it: up opens the port',
      expect.stringMatching(
        /^Firewalld warning: nothing to do: up opens 10250\/tcp, .*10\.244\.0\.0\/16; set firewall: leave/,
      ),
    ])
    expect(told(['ufw'])).toEqual([
      expect.stringMatching(/^PortReach error: allow this traffic/),
      expect.stringMatching(/^Firewalld warning: it must allow 10250\/tcp, /),
    ])
  })
})
