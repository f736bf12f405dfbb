import { describe, expect, it } from 'vitest'
import { seedText, waysBetween } from '../../../src/verify/ways.js'

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`)
const text = ({ from, to }: { from: string; to: string }): string => `${from} ${to}`

describe('ways between Pods', () => {
  it.each([0, 1, 2, 10])('are all of them between %s', (count) => {
    const { ways, said } = waysBetween(names(count), 7)
    expect(new Set(ways.map(text)).size).toBe(count * Math.max(0, count - 1))
    expect(said).toBe(`${Math.max(0, count * (count - 1))} ways`)
  })

  it.each([11, 12, 200, 500])('are three from each of %s, and each is asked', (count) => {
    const { ways, said } = waysBetween(names(count), 0xdecade)
    expect(new Set(ways.map(text)).size).toBe(3 * count)
    expect(ways.every(({ from, to }) => from !== to)).toBe(true)
    expect(new Set(ways.map(({ from }) => from)).size).toBe(count)
    expect(new Set(ways.map(({ to }) => to)).size).toBe(count)
    expect(said).toBe(
      `${3 * count} of ${count * (count - 1)} ways: a ring, and 2 random ways from each of ${count} Pods (--seed 00decade repeats the choice)`,
    )
  })

  it('are the same for the same seed, and others for another', () => {
    const of = (seed: number) => waysBetween(names(40), seed).ways.map(text)
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(of(Number.parseInt(seedText(0xffffffff), 16))).toEqual(of(0xffffffff))
  })

  it('join all of them: nobody is cut off by the choice', () => {
    const { ways } = waysBetween(names(100), 3)
    const reached = new Set(['n0'])
    for (let before = 0; before < reached.size; ) {
      before = reached.size
      for (const { from, to } of ways) if (reached.has(from)) reached.add(to)
    }
    expect(reached.size).toBe(100)
  })
})
