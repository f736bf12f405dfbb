import { describe, expect, it } from 'vitest'
import { haproxy } from '../../../../src/balancers/haproxy/haproxy.js'
import { nodeLocal } from '../../../../src/balancers/node-local.js'
import type { HostSpec } from '../../../../src/inventory/spec.js'
import { disruptionOfHost, hostTransaction, isAlone } from '../../../../src/steps/rollout/turn-of-host.js'
import { contextOf, machine } from '../../../support/context.js'
import { nodesApi } from '../../../support/nodes-api.js'
import { clusterSpec } from '../../../support/spec.js'

const hosts = (...named: [string, HostSpec['roles']][]) =>
  named.map(([name, roles], i) => machine({ name, address: `10.88.0.${i + 1}`, roles }, { kubernetes: true }))

const contextWith = (machines: ReturnType<typeof hosts>, over: Parameters<typeof contextOf>[1] = {}) => {
  let clock = 0
  return contextOf(machines, {
    spec: clusterSpec({ hosts: machines.map((one) => one.spec) }),
    now: () => new Date(clock),
    sleep: async (ms) => {
      clock += ms
    },
    ...over,
  })
}
const how = { progress: () => {} }
const meanwhile = async () => {}

describe('the turn of a host', () => {
  const machines = hosts(
    ['cp1', ['control-plane']],
    ['w1', ['worker']],
    ['e1', ['etcd']],
    ['lb1', ['load-balancer']],
  )
  const context = contextWith(machines, { balancer: haproxy })

  it('is that of what is taken away with it', () => {
    expect(machines.map((one) => hostTransaction(context, one).holds)).toEqual([
      ['etcd', 'api', 'balancer', 'node'],
      ['node'],
      ['etcd'],
      ['balancer'],
    ])
    expect(machines.map((one) => disruptionOfHost(context, one))).toEqual([
      'node',
      'node',
      'etcd',
      'balancer',
    ])
  })

  it('drains nodes, and nothing else', () => {
    expect(machines.map((one) => hostTransaction(context, one).vacate !== undefined)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('is that of the only one of its kind, without which the API does not answer', () => {
    expect(machines.map((one) => isAlone(context, one))).toEqual([true, false, true, true])
    const several = hosts(['cp1', ['control-plane']], ['cp2', ['control-plane']], ['w1', ['worker']])
    expect(several.map((one) => isAlone(contextWith(several), one))).toEqual([false, false, false])
  })

  it('does not come while no other load balancer sends clients to an API server', async () => {
    const two = hosts(['cp1', ['control-plane']], ['lb1', ['load-balancer']], ['lb2', ['load-balancer']])
    const asked: string[] = []
    const guarded = (up: boolean) => {
      const balancer = {
        ...haproxy,
        backends: async ({ name }: { name: string }) => {
          asked.push(name)
          return [{ name: 'cp1', up, words: '' }]
        },
      }
      const [, lb1] = two
      if (!lb1) throw new Error('no lb1')
      return hostTransaction(contextWith(two, { balancer }), lb1).guard?.(how, [], meanwhile)
    }
    await guarded(true)
    expect(new Set(asked)).toEqual(new Set(['lb2']))
    await expect(guarded(false)).rejects.toMatchObject({
      message: 'lb1 is not interrupted: no other host does its work',
      why: 'no other load balancer sends clients to an API server',
    })
  })

  it('is that of everything a host does, with several roles: load balancers that are nodes go one at a time', () => {
    const both = hosts(
      ['cp1', ['control-plane', 'load-balancer']],
      ['w1', ['worker', 'load-balancer']],
      ['w2', ['worker', 'load-balancer']],
      ['e1', ['etcd', 'load-balancer']],
    )
    const context = contextWith(both, { balancer: haproxy })
    expect(both.map((one) => [...hostTransaction(context, one).holds].sort())).toEqual([
      ['api', 'balancer', 'etcd', 'node'],
      ['balancer', 'node'],
      ['balancer', 'node'],
      ['balancer', 'etcd'],
    ])
    // one on each node serves that node alone
    const local = hosts(['cp1', ['control-plane']], ['w1', ['worker']], ['w2', ['worker']])
    const [, w1] = local
    if (!w1) throw new Error('no w1')
    expect(hostTransaction(contextWith(local, { balancer: nodeLocal }), w1).holds).toEqual(['node'])
  })

  it.each([['worker'], ['control-plane']] as const)(
    'of a %s does not come while no other load balancer sends clients to an API server',
    async (role) => {
      const two = hosts(['lb1', [role, 'load-balancer']], ['lb2', [role, 'load-balancer']])
      const balancer = { ...haproxy, backends: async () => [{ name: 'cp1', up: false, words: '' }] }
      const [lb1] = two
      if (!lb1) throw new Error('no lb1')
      const { client } = nodesApi({ nodes: { lb1: {}, lb2: {} }, pods: [] })
      const text = async () => ({ status: 200, body: 'ok' })
      const context = contextWith(two, {
        balancer,
        kube: Object.assign(async () => ({ ...client, text }), { renew: () => {} }),
        // one alone has no other API server or member to wait for
        spec: clusterSpec({
          hosts: two.map(({ spec }, i) =>
            i === 0 ? spec : { ...spec, roles: ['worker', 'load-balancer'] as const },
          ),
        }),
      })
      await expect(hostTransaction(context, lb1).guard?.(how, [], meanwhile)).rejects.toMatchObject({
        why: 'no other load balancer sends clients to an API server',
      })
    },
  )

  it('of the only load balancer comes: nobody could stand in', async () => {
    const one = hosts(['cp1', ['control-plane']], ['lb1', ['load-balancer']])
    const [, lb1] = one
    if (!lb1) throw new Error('no lb1')
    await hostTransaction(contextWith(one, { balancer: haproxy }), lb1).guard?.(how, [], meanwhile)
  })
})
