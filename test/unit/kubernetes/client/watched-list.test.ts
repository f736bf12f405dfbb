import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Told, WatchedList } from '../../../../src/kubernetes/client/watched-list.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Watching extends Told {
  after: bigint
  over(error?: Error): void
  ended: boolean
}

/** A cluster of Nodes with versions, whose watches say nothing by themselves. */
function cluster() {
  const nodes = new Map<string, number>([['cp1', 1]])
  let version = 10
  let listing: (() => Promise<void>) | undefined
  const watches: Watching[] = []
  let lists = 0
  let atRest = 0
  const object = (name: string, is: number) => ({ metadata: { name, resourceVersion: String(is) } })
  const list = new WatchedList(
    {
      now: () => Date.now(),
      list: async () => {
        lists += 1
        const items = [...nodes].map(([name, is]) => object(name, is))
        const of = BigInt(version)
        await Promise.resolve()
        await listing?.()
        return { items, version: of }
      },
      watch: (after, told, signal) =>
        new Promise<void>((resolve, reject) => {
          const one: Watching = {
            ...told,
            after,
            ended: false,
            over: (error) => (error ? reject(error) : resolve()),
          }
          signal.addEventListener('abort', () => {
            one.ended = true
            reject(new Error('aborted'))
          })
          watches.push(one)
        }),
    },
    () => {
      atRest += 1
    },
  )
  return {
    watches,
    last: () => watches.at(-1) as Watching,
    lists: () => lists,
    atRest: () => atRest,
    list,
    put: (name: string) => {
      version += 1
      nodes.set(name, version)
      return { kind: 'is', object: object(name, version), version: BigInt(version) } as const
    },
    remove: (name: string) => {
      version += 1
      nodes.delete(name)
      return { kind: 'gone', object: object(name, version), version: BigInt(version) } as const
    },
    /** What happens before a LIST is answered, once it knows its answer. */
    whileListing: (what: (() => Promise<void>) | undefined) => {
      listing = what
    },
    names: async () => (await list.look()).map((one) => Object(one.metadata).name),
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    /** Somebody who waits, looking every 100 ms. */
    wait: async (ms: number) => {
      for (let at = 0; at < ms; at += 100) {
        await list.look()
        await vi.advanceTimersByTimeAsync(100)
      }
    },
  }
}

/** The same with a watch that is open. */
async function watched() {
  const one = cluster()
  await one.wait(300)
  one.last().opened()
  return one
}

describe('a list that is watched', () => {
  it('costs who looks once one LIST, and no watch', async () => {
    const { names, lists, watches } = cluster()
    expect(await names()).toEqual(['cp1'])
    expect([lists(), watches.length]).toEqual([1, 0])
  })

  it('is watched from the version of the second LIST, and tells then what the watch told, in order', async () => {
    const { names, last, put, remove, lists } = await watched()
    const before = lists()
    expect(last().after).toBe(10n)
    last().event(put('w1'))
    expect(await names()).toEqual(['cp1', 'w1'])
    last().event(remove('w1'))
    last().event(put('w2'))
    expect(await names()).toEqual(['cp1', 'w2'])
    expect(lists()).toBe(before)
  })

  it('costs a wait of a minute a LIST each five seconds, where it was one each 200 ms', async () => {
    const { wait, lists, watches } = await watched()
    const before = lists()
    await wait(60_000)
    expect(lists() - before).toBe(12)
    expect(watches).toHaveLength(1)
  })

  it('is listed as before where the server accepts a watch and never says a word, once that shows', async () => {
    const { names, wait, put, watches, lists } = await watched()
    put('w1')
    await wait(5_000)
    expect(await names()).toEqual(['cp1', 'w1'])
    expect(watches.map(({ ended }) => ended)).toEqual([true])
    const before = lists()
    put('w2')
    await wait(30_000)
    expect(await names()).toEqual(['cp1', 'w1', 'w2'])
    expect(lists() - before).toBeGreaterThan(100)
    expect(watches).toHaveLength(1)
  })

  it('is listed and watched anew, and never in a tight loop, where each watch ends at once', async () => {
    const { wait, watches, lists, pass } = cluster()
    for (let at = 0; at < 60_000; at += 100) {
      await wait(100)
      for (const one of watches) one.over(new Error('410 Gone'))
      await pass(0)
    }
    expect(watches.length).toBeGreaterThan(4)
    expect(watches.length).toBeLessThan(9)
    expect(lists()).toBeLessThan(90)
  })

  it('is looked at anew at once when a watch that was open is lost', async () => {
    const { names, put, last, pass } = await watched()
    put('w1')
    last().over(new Error('the connection closed'))
    await pass(200)
    expect(await names()).toEqual(['cp1', 'w1'])
  })

  it('rejects where it cannot be listed, and does not tell what it knew before', async () => {
    const { list, whileListing, pass } = await watched()
    whileListing(() => Promise.reject(new Error('connection refused')))
    await pass(4_800)
    await list.look()
    await pass(200)
    await expect(list.look()).rejects.toThrow('connection refused')
  })

  it('goes not back behind what the watch told while a LIST was under way', async () => {
    const { names, whileListing, last, put, remove, wait, pass } = await watched()
    last().event(put('w1'))
    await wait(4_800)
    whileListing(async () => {
      last().event(put('w2'))
      last().event(remove('cp1'))
    })
    await pass(200)
    expect(await names()).toEqual(['w1', 'w2'])
    whileListing(undefined)
  })

  it('heeds nothing that is older than its last LIST, as a watch that begins tells', async () => {
    const { names, wait, last, remove, put } = cluster()
    await wait(300)
    const stale = put('w1')
    const gone = remove('w1')
    await wait(300)
    last().opened()
    last().event(stale)
    expect(await names()).toEqual(['cp1'])
    last().event(gone)
    last().event(put('w2'))
    expect(await names()).toEqual(['cp1', 'w2'])
  })

  it('ends its watch when nobody has looked for five seconds, and when it is closed', async () => {
    const one = await watched()
    await one.pass(5_100)
    expect([one.last().ended, one.atRest()]).toEqual([true, 1])
    const other = await watched()
    other.list.close()
    expect(other.last().ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells of a bug in what hears a watch', async () => {
    const { list, last, pass } = await watched()
    last().over(new TypeError('x is not a function'))
    await pass(0)
    await expect(list.look()).rejects.toThrow('x is not a function')
  })
})

it('a LIST that is answered when nobody has asked for a while begins no watch that nobody would end', async () => {
  const { list, watches, whileListing, atRest } = cluster()
  await list.look()
  vi.advanceTimersByTime(1_000)
  let answer = (): void => {}
  whileListing(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const looking = list.look()
  await vi.advanceTimersByTimeAsync(6_000)
  expect(atRest()).toBe(1)
  answer()
  await looking
  expect(watches).toEqual([])
})
