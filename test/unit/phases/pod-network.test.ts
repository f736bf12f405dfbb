import { expect, test } from 'vitest'
import { bridge } from '../../../src/networks/bridge/bridge.js'
import { podNetwork } from '../../../src/phases/pod-network.js'
import { contextOf, machine } from '../../support/context.js'

const machines = ['cp1', 'w1', 'w2'].map((name, i) =>
  machine({ name, address: `10.88.0.1${i}`, roles: [name === 'cp1' ? 'control-plane' : 'worker'] }),
)
const context = contextOf(machines, { network: bridge })
const steps = (chosen?: string[]) =>
  podNetwork.steps(chosen ? { ...context, chosen: new Set(chosen) } : context)
/** The nodes that each host's routes are about. */
const routed = (chosen?: string[]) =>
  Object.fromEntries(
    steps(chosen).flatMap(({ id, target, nodes }) => (id === 'routes' ? [[target, nodes]] : [])),
  )

test('each host has routes to all others', () => {
  const all = ['cp1', 'w1', 'w2']
  expect(routed()).toEqual({ cp1: all, w1: all, w2: all })
})

test('in a run limited to some, another host has only those to them', () => {
  expect(routed(['w2'])).toEqual({ cp1: ['w2'], w1: ['w2'], w2: ['cp1', 'w1', 'w2'] })
})

test('routes wait for all Nodes, which may fail, and the kubelet waits for no route', () => {
  const routes = steps().find(({ id, target }) => id === 'routes' && target === 'w1')
  expect(routes?.follows).toEqual(['cluster/node:*'])
  expect(routes?.needs).toEqual(['w1/@packages', 'w1/service:kubestrap-bridge.service'])
  const sees = steps().find(({ id, target }) => id === 'kubelet-sees-network' && target === 'w1')
  expect(sees?.needs).toContain('cluster/node:w1')
  expect(sees?.needs).not.toContain('w1/routes')
})
