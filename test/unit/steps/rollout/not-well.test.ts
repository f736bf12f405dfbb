import { describe, expect, it } from 'vitest'
import { notWell } from '../../../../src/steps/rollout/not-well.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const at = (seconds: number): number => Date.parse('2026-11-29T20:00:00Z') / 1000 + seconds
const iso = (seconds: number): string => new Date(at(seconds) * 1000).toISOString()

/** What a node lacks at 100 s whose kubelet runs since 50 s. */
function missing(
  over: { heard?: number; ready?: string; answer?: string; code?: number; version?: string } = {},
) {
  const answer = over.answer ?? `${at(100)}\n${at(50)}\n${at(0)}\n`
  const host = fakeHost('w1', { answer: () => ({ code: over.code ?? 0, stdout: Buffer.from(answer) }) })
  const w1 = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  const node = {
    status: {
      nodeInfo: { kubeletVersion: 'v1.20.1' },
      conditions: [{ type: 'Ready', status: over.ready ?? 'True', lastHeartbeatTime: iso(over.heard ?? 60) }],
    },
  }
  return notWell(contextOf([w1]), w1, node, over.version)
}

describe('a node that was interrupted', () => {
  it('is well by what its kubelet says since its start', async () => {
    expect(await missing()).toBeUndefined()
    expect(await missing({ version: 'v1.20.1' })).toBeUndefined()
  })

  it.each([
    [{ heard: 40 }, 'the kubelet of w1 has not reported since its start'],
    [{ ready: 'False' }, 'node w1 is not Ready'],
    [{ version: 'v1.20.2' }, 'the kubelet of w1 is v1.20.1, not v1.20.2'],
  ])('is not well yet: %j', async (over, what) => {
    expect(await missing(over)).toBe(what)
  })

  it.each([{ answer: 'n/a\n\n\n' }, { code: 1 }, { answer: `${at(100)}\n` }])(
    'is not judged by an answer that is no time: %j',
    async (over) => {
      await expect(missing(over)).rejects.toThrow(
        'cannot tell since when kubelet.service, docker.service of w1 run',
      )
    },
  )
})
