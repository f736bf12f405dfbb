import { describe, expect, it } from 'vitest'
import { type Assignment, FanOut, seeds } from '../../../../src/host/transfer/fan-out.js'
import { hopsOfOne, Peers } from '../../../../src/host/transfer/peers.js'
import type { PullFailure } from '../../../../src/host/transfer/pull-script.js'

/** Ends assignments, one after the other, until nobody waits; what came of each is said by `end`. */
function drive(
  names: readonly string[],
  end: (one: Assignment) => PullFailure | 'unable' | undefined,
  onBegin: (one: Assignment) => void = () => {},
) {
  const peers = new Peers()
  const plan = new FanOut(peers)
  for (const name of names) plan.ask(name)
  const under: Assignment[] = []
  const served = new Set<string>()
  const log: Assignment[] = []
  let mostHops = 0
  let mostFromHere = 0
  const count = () => {
    const sent = under.filter(({ source }) => source === undefined).length
    mostFromHere = Math.max(mostFromHere, sent)
    for (const name of names)
      mostHops = Math.max(mostHops, under.filter(({ source }) => source === name).length)
  }
  for (let left = 10_000; left > 0; left -= 1) {
    const begun = plan.next()
    begun.forEach(onBegin)
    under.push(...begun)
    count()
    const one = under.shift()
    if (!one) break
    log.push(one)
    const failure = one.source === undefined ? undefined : end(one)
    if (one.source !== undefined) peers.ended(one.receiver, one.source, failure ?? 'had')
    if (failure === undefined) served.add(one.receiver)
    plan.ended(one, failure === undefined)
    if (failure !== undefined) plan.ask(one.receiver)
  }
  const fromHere = log.filter(({ source }) => source === undefined).length
  return { served, log, fromHere, mostHops, mostFromHere, peers }
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, i) => `w${i}`)

describe('one file for many hosts', () => {
  it('is sent from here to a few, and goes on from each that has it', () => {
    const { served, fromHere, mostHops } = drive(hosts(20), () => undefined)
    expect([served.size, fromHere]).toEqual([20, seeds])
    expect(mostHops).toBeLessThanOrEqual(hopsOfOne)
  })

  it.each([10, 64, 250])(
    'comes to each of %i hosts whatever fails, and no source that broke is asked again',
    (count) => {
      let state = count
      const random = (): number => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31
        return state / 2 ** 31
      }
      const kinds = ['broke', 'lied', 'refused', 'unable', 'no-client', undefined, undefined] as const
      const broke = new Set<string>()
      const { served } = drive(
        hosts(count),
        ({ source = '' }) => {
          const kind = kinds[Math.floor(random() * kinds.length)]
          if (kind === 'broke' || kind === 'lied' || kind === 'unable') broke.add(source)
          return kind
        },
        ({ source }) => expect(broke).not.toContain(source),
      )
      expect(served.size).toBe(count)
    },
  )

  it('is sent to all from here where hosts refuse each other, after a few tries', () => {
    const { served, log, fromHere } = drive(hosts(50), () => 'refused')
    expect([served.size, fromHere]).toEqual([50, 50])
    expect(log.length - fromHere).toBeLessThan(12)
  })

  it('is sent to hosts without a client from here, and comes to the others from hosts', () => {
    const without = new Set(['w3', 'w7', 'w11'])
    const { served, fromHere, peers } = drive(hosts(20), ({ receiver }) =>
      without.has(receiver) ? 'no-client' : undefined,
    )
    expect([served.size, fromHere]).toEqual([20, seeds + 3])
    expect(peers.isSource('w3')).toBe(true)
  })

  it('comes to a host that asks late from one that has it', () => {
    const peers = new Peers()
    const plan = new FanOut(peers)
    plan.ask('w0')
    const [first] = plan.next()
    expect(first).toEqual({ receiver: 'w0', source: undefined })
    plan.ended(first as Assignment, true)
    plan.ask('late')
    expect(plan.next()).toEqual([{ receiver: 'late', source: 'w0' }])
  })

  it('does not go on from a host that has no sshd of its own', () => {
    const plan = new FanOut(new Peers())
    plan.ask('here')
    const [first] = plan.next()
    plan.ended(first as Assignment, false)
    plan.ask('w1')
    expect(plan.next()).toEqual([{ receiver: 'w1', source: undefined }])
  })

  it('is sent first to a host that gets nothing else now', () => {
    const plan = new FanOut(new Peers())
    for (const name of ['w0', 'w1', 'w2']) plan.ask(name)
    const busy = new Map([
      ['w0', 2],
      ['w1', 1],
    ])
    expect(plan.next((name) => busy.get(name) ?? 0).map(({ receiver }) => receiver)).toEqual(['w2', 'w1'])
  })

  it('is sent from here when the first copy failed', () => {
    const plan = new FanOut(new Peers())
    for (const name of hosts(3)) plan.ask(name)
    const [a, b] = plan.next()
    plan.ended(a as Assignment, false)
    plan.ended(b as Assignment, false)
    expect(plan.next()).toEqual([{ receiver: 'w2', source: undefined }])
  })
})

describe('what a run learns of its hosts', () => {
  it('a host that two others could not enter is asked no more, nor is one sent to others that two refused', () => {
    const peers = new Peers()
    peers.ended('good', 'fine', 'had')
    peers.ended('a', 'closed', 'refused')
    expect(peers.isSource('closed')).toBe(true)
    peers.ended('b', 'closed', 'refused')
    expect(peers.isSource('closed')).toBe(false)
    peers.ended('a', 'other', 'refused')
    expect([peers.isReceiver('a'), peers.isReceiver('b')]).toEqual([false, true])
  })

  it('a fetch that a host did not get to blames nobody', () => {
    const peers = new Peers()
    peers.began('a', 'b')
    peers.ended('a', 'b', 'left')
    expect([peers.isSource('b'), peers.isReceiver('a'), peers.sending('b'), peers.off]).toEqual([
      true,
      true,
      0,
      false,
    ])
  })
})
