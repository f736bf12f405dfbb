import { describe, expect, it } from 'vitest'
import { readyTooShort } from '../../../../src/steps/rollout/ready-since.js'
import { machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { clusterSpec } from '../../../support/spec.js'

const at = (seconds: number): number => Date.parse('2026-11-29T20:00:00Z') / 1000 + seconds

/** What is missing on a host whose kubelet runs since `started`, Ready since `said`, 100 s after eight. */
function missing(minReadyMs: number, started: number, said: number, answer = `${at(100)}\n${at(started)}\n`) {
  const { rollout, ...spec } = clusterSpec()
  const host = fakeHost('w1', { answer: () => ({ stdout: Buffer.from(answer) }) })
  const lastTransitionTime = new Date(at(said) * 1000).toISOString()
  const node = { status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] } }
  return readyTooShort(
    { spec: { ...spec, rollout: { ...rollout, minReadyMs } } },
    { ...machine({ name: 'w1' }), host },
    node,
  )
}

describe('rollout.minReadySeconds', () => {
  it('counts from the start of the kubelet or from what it said last, whichever is later', async () => {
    expect(await missing(30_000, 60, 70)).toBeUndefined()
    expect(await missing(30_000, 60, 80)).toBe('node w1 is Ready for 10 s more (rollout.minReadySeconds)')
    // Ready all along for the API, which missed a short restart
    expect(await missing(30_000, 90, 10)).toContain('20 s more')
  })

  it('asks nobody where it is 0', async () => {
    expect(await missing(0, 100, 100, 'nothing')).toBeUndefined()
  })

  it('believes no answer that is no time', async () => {
    await expect(missing(30_000, 0, 0, 'n/a\n\n')).rejects.toThrow(
      'cannot tell since when the kubelet of w1 runs',
    )
  })
})
