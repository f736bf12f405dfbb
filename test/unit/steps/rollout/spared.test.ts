import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/kubernetes/client/kube-client.js'
import { nodeTransaction } from '../../../../src/steps/rollout/node-transaction.js'
import { contextOf, machine } from '../../../support/context.js'

const node = (name: string, ready: boolean): Json => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
})

/** Enters w1's turn while w2 is not Ready until a second, in a cluster whose watch is right or lies. */
async function entered({ readyAt, watch }: { readyAt: number; watch: (clock: number) => boolean }) {
  let clock = 0
  let [lists, looks] = [0, 0]
  const kube = {
    text: async () => ({ status: 200, body: '' }),
    get: async () => node('w1', true),
    list: async () => {
      lists += 1
      return [node('w1', true), node('w2', clock >= readyAt)]
    },
    watched: async () => {
      looks += 1
      return [node('w1', true), node('w2', watch(clock))]
    },
  }
  const machines = ['w1', 'w2'].map((name) => machine({ name, roles: ['worker'] }, { kubernetes: true }))
  const context = contextOf(machines, {
    now: () => new Date(clock * 1_000),
    sleep: async (ms) => {
      clock += ms / 1_000
    },
    kube: Object.assign(async () => kube as never, { renew: () => {} }),
  })
  const [w1] = machines
  const turn =
    w1 &&
    nodeTransaction(context, w1, { words: { again: () => '', late: () => '', loss: '' }, repairs: false })
  const how = { progress: () => {}, signal: undefined, ended: undefined }
  await turn?.guard?.(how as never, [], (wait) => wait())
  return { clock, lists, looks }
}

describe('a node whose turn it is', () => {
  it('is entered after one LIST where the others are available', async () => {
    expect(await entered({ readyAt: 0, watch: () => true })).toEqual({ clock: 0, lists: 1, looks: 0 })
  })

  it('waits by the watch, and lists once more when that has the others available', async () => {
    const ends = { readyAt: 90, watch: (clock: number) => clock >= 90 }
    expect(await entered(ends)).toEqual({ clock: 90, lists: 2, looks: 90 })
  })

  it('is not entered by the word of a watch alone', async () => {
    const { clock } = await entered({ readyAt: 30, watch: () => true })
    expect(clock).toBe(30)
  })
})
