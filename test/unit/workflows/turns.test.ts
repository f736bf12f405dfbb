import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/cluster/context.js'
import { runTurns } from '../../support/turns.js'

const upgraded = (names: string[]) => (): Partial<Context> => ({
  upgrade: {
    from: '1.20.1',
    to: '1.20.2',
    planes: [],
    untouched: new Set(),
    begun: true,
    silent: false,
    kubelets: new Set(names),
    drained: new Set(),
  },
})

describe('a configuration that changes on living nodes', () => {
  it('is written on a node in its turn alone, and the next begins when the kubelet that was restarted has said that it is Ready', async () => {
    const { log, errors } = await runTurns({ w1: { speaksAfter: 20 }, w2: { speaksAfter: 7 } })
    expect(errors).toEqual([])
    expect(log).toEqual(['0 w1 written', '0 w1 restarted', '20 w2 written', '20 w2 restarted'])
  })

  it('leaves the next node as it is where the first does not become Ready, and says which', async () => {
    for (const worker of [{ speaksAfter: undefined }, { speaksAfter: 3, says: { ready: false } }]) {
      const { log, errors } = await runTurns({ w1: worker, w2: { speaksAfter: 1 } })
      expect(log).toEqual(['0 w1 written', '0 w1 restarted'])
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatch(/^w1\/ready-again: w1 is Ready again: .* after 120 s .*w1/)
    }
  })

  it('waits for minReadySeconds after each', async () => {
    const { log } = await runTurns({ w1: { speaksAfter: 2 }, w2: { speaksAfter: 2 } }, ({ spec }) => ({
      spec: { ...spec, rollout: { ...spec.rollout, minReadyMs: 30_000 } },
    }))
    expect(log).toEqual(['0 w1 written', '0 w1 restarted', '30 w2 written', '30 w2 restarted'])
  })

  it('is waited for on a node that a person cordoned too, which stays so', async () => {
    const { log, errors, cordoned } = await runTurns({
      w1: { cordoned: true, speaksAfter: 9 },
      w2: { speaksAfter: 1 },
    })
    expect(errors).toEqual([])
    expect(log).toContain('9 w2 written')
    expect(cordoned).toEqual(['w1'])
  })

  it('is written at once where the kubelet does not run, and may be what brings it back', async () => {
    const down = { runs: false, ready: false }
    const { log, errors } = await runTurns({ w1: down, w2: down })
    expect(errors).toEqual([])
    expect(log.filter((line) => line.endsWith('written'))).toEqual(['0 w1 written', '0 w2 written'])
  })

  it('is not waited for on a node that was not Ready before: what it lacks may come later in the run', async () => {
    const { log, errors, timesAsked } = await runTurns({ w1: { ready: false } })
    expect(errors).toEqual([])
    expect(log).toEqual(['0 w1 written', '0 w1 restarted'])
    expect(timesAsked).toBe(0)
  })
})

describe('a CNI configuration that changes on living nodes', () => {
  it('is written on a node in its turn alone, with the restart of the kubelet, and the next begins when the first is Ready', async () => {
    const { log, errors } = await runTurns(
      { w1: { speaksAfter: 20 }, w2: { speaksAfter: 7 } },
      undefined,
      'network',
    )
    expect(errors).toEqual([])
    expect(log).toEqual(['0 w1 written', '0 w1 restarted', '20 w2 written', '20 w2 restarted'])
  })

  it('leaves the next node as it is where the first does not become Ready', async () => {
    const { log, errors } = await runTurns({ w1: {}, w2: { speaksAfter: 1 } }, undefined, 'network')
    expect(log).toEqual(['0 w1 written', '0 w1 restarted'])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(/^w1\/ready-with-network: w1 is Ready again: /)
  })

  it('is written at once where nodes are not Ready for want of it', async () => {
    const { log, errors } = await runTurns(
      { w1: { ready: false }, w2: { ready: false } },
      undefined,
      'network',
    )
    expect(errors).toEqual([])
    expect(log.slice(0, 2)).toEqual(['0 w1 written', '0 w2 written'])
  })
})

describe('an upgrade without drains', () => {
  const says = { version: 'v1.20.2' }

  it('writes what is of the new version in the turn of the node, also where its kubelet is down', async () => {
    const { log, errors } = await runTurns(
      { w1: { speaksAfter: 12, says }, w2: { runs: false, speaksAfter: 1, says } },
      upgraded(['w1', 'w2']),
    )
    expect(errors).toEqual([])
    expect(log.slice(0, 3)).toEqual(['0 w1 written', '0 w1 restarted', '12 w2 written'])
  })

  it('takes no node for well whose kubelet is still of the old version', async () => {
    const { log, errors } = await runTurns(
      { w1: { speaksAfter: 2 }, w2: { speaksAfter: 2, says } },
      upgraded(['w1', 'w2']),
    )
    expect(log).toEqual(['0 w1 written', '0 w1 restarted'])
    expect(errors[0]).toContain('the kubelet of w1 is v1.20.1, not v1.20.2')
  })
})
