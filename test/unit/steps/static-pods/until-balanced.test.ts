import { expect, test } from 'vitest'
import type { BackendState, Balancer } from '../../../../src/balancers/balancer.js'
import { haproxy } from '../../../../src/balancers/haproxy/haproxy.js'
import { untilBalanced } from '../../../../src/steps/static-pods/until-balanced.js'
import { contextOf, machine } from '../../../support/context.js'

const cp1 = machine()
const machines = [
  cp1,
  machine({ name: 'lb1', address: '10.88.0.31', roles: ['load-balancer'] }),
  machine({ name: 'lb2', address: '10.88.0.32', roles: ['load-balancer'] }),
]

/** Waits beside balancers that say of cp1, at each look, what `tell` says. Returns how often each was asked. */
async function asked(
  tell: (balancer: string, look: number) => boolean | Error,
): Promise<Record<string, number>> {
  const looks: Record<string, number> = {}
  const balancer: Balancer = {
    ...haproxy,
    backends: async ({ name }): Promise<BackendState[]> => {
      const look = (looks[name] ?? 0) + 1
      looks[name] = look
      const up = tell(name, look)
      if (up instanceof Error) throw up
      return [
        { name: 'cp1', up, words: 'Layer4 connection problem' },
        { name: 'cp2', up: false, words: 'another' },
      ]
    },
  }
  let now = 0
  const context = contextOf(machines, {
    balancer,
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms
    },
  })
  await untilBalanced(context, cp1)
  return looks
}

test('every balancer is waited for until it sends clients there', async () => {
  expect(await asked((name, look) => look >= (name === 'lb1' ? 2 : 4))).toEqual({ lb1: 2, lb2: 4 })
})

test('one that does not answer sends nobody anywhere, and is not waited for', async () => {
  expect(await asked((name) => (name === 'lb1' ? new Error('gone') : true))).toEqual({ lb1: 1, lb2: 1 })
})

test('one that never takes it in stops the run, named', async () => {
  await expect(asked((name) => name === 'lb1')).rejects.toThrow(
    'the load balancer on lb2 still sends no connections to the API server of cp1 (Layer4 connection problem)',
  )
})
