import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { nodeTransaction } from '../../../../src/steps/rollout/node-transaction.js'
import { contextOf, machine } from '../../../support/context.js'
import { nodesApi } from '../../../support/nodes-api.js'

const cp1 = machine({ name: 'cp1', address: '10.88.0.11' }, { kubernetes: true })
const w1 = machine({ name: 'w1', address: '10.88.0.12', roles: ['worker'] }, { kubernetes: true })

/**
 * What entering the transaction of a node comes to, with an API server that is not ready for so many seconds.
 * @param stopped the run is told to stop
 */
async function entered(one: typeof w1, silentS: number, { stopped = false } = {}) {
  const { client } = nodesApi({ nodes: { cp1: {}, w1: { ready: false } }, pods: [] })
  const text: KubeClient['text'] = async () =>
    clock >= silentS ? { status: 200, body: 'ok' } : { status: 500, body: 'etcd failed' }
  let clock = 0
  const context = contextOf([cp1, w1], {
    kube: Object.assign(async () => ({ ...client, text }), { renew: () => {} }),
    now: () => new Date(clock * 1000),
    sleep: async (ms) => {
      clock += ms / 1000
    },
  })
  const told: string[] = []
  const controller = new AbortController()
  if (stopped) controller.abort()
  const how = { progress: (line: string) => void told.push(line), signal: controller.signal }
  const outcome = await nodeTransaction(context, one)
    ?.absent?.(how)
    .catch((error: unknown) => error)
  return { outcome, told, clock }
}

describe('the turn of a node, while no API server is ready', () => {
  it('of a worker comes when one is again: a moment without one is no failure', async () => {
    expect(await entered(w1, 3)).toEqual({
      // what was asked of the API is known
      outcome: ['node'],
      told: ['waits for an API server: the API server answers /readyz with 500'],
      clock: 3,
    })
  })

  it('of a worker is an error after a minute, with the last answer', async () => {
    const { outcome, clock } = await entered(w1, 999)
    expect(outcome).toMatchObject({
      message: 'w1 is not interrupted: no API server is ready',
      why: 'the API server answers /readyz with 500',
      host: 'w1',
    })
    expect(clock).toBe(60)
  })

  it('is not waited for when the run is told to stop', async () => {
    const { outcome, clock } = await entered(w1, 999, { stopped: true })
    expect(outcome).toMatchObject({ message: 'w1 is not interrupted: no API server is ready' })
    expect(clock).toBe(0)
  })

  it('of a control plane node comes after a moment: its change may be what brings the API back', async () => {
    expect(await entered(cp1, 999)).toEqual({
      outcome: [],
      told: [
        'waits for an API server: the API server answers /readyz with 500',
        'no API server answers: nothing is drained',
      ],
      clock: 5,
    })
  })
})
