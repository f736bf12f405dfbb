import { expect, test } from 'vitest'
import type { Balancer } from '../../../src/balancers/balancer.js'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { balancerRows } from '../../../src/operations/balancers.js'
import { contextOf, machine } from '../../support/context.js'

const machines = [
  machine(),
  machine({ name: 'lb1', address: '10.88.0.31', roles: ['load-balancer'] }),
  machine({ name: 'lb2', address: '10.88.0.32', roles: ['load-balancer'] }),
]

const half: Balancer = {
  ...haproxy,
  backends: async ({ name }) => {
    if (name === 'lb2') throw new Error('it is away')
    return [
      { name: 'cp1', up: true, words: 'good' },
      { name: 'cp2', up: false, words: 'Connection refused' },
    ]
  },
}

test('each balancer tells of the API servers, and one that is away does not hide the other', async () => {
  const rows = await balancerRows(contextOf(machines, { balancer: half }))
  expect(rows).toEqual([
    { host: 'lb1', up: ['cp1'], down: ['cp2'], virtualIp: undefined, detail: 'cp2: Connection refused' },
    { host: 'lb2', up: [], down: [], virtualIp: undefined, detail: 'it is away' },
  ])
})

test('whether a machine has the virtual IP is read from the machine: this one has its loopback', async () => {
  const context = contextOf(machines, { balancer: half })
  const at = (virtualIp: string) =>
    balancerRows({
      ...context,
      spec: {
        ...context.spec,
        loadBalancer: { type: 'haproxy', virtualIp, interface: undefined, routerId: 1, image: undefined },
      },
    })
  expect((await at('127.0.0.1'))[0]?.virtualIp).toBe(true)
  expect((await at('192.0.2.10'))[0]?.virtualIp).toBe(false)
})
