import { describe, expect, test } from 'vitest'
import type { AtWork } from '../../../src/host/run-scripts.js'
import { ChangedHands, Hands, type Turn } from '../../../src/workflows/hands.js'
import { machine } from '../../support/context.js'
import { type FakeHost, fakeHost } from '../../support/fake-host.js'

const nobody: AtWork = { epoch: 'e0', owner: undefined, busy: false }
const other: AtWork = { epoch: 'e1', owner: 'up by ann@laptop, process 7, since 10:00', busy: false }
const change: Turn = { kind: 'change', epoch: 'mine', words: 'up by me', first: false }

const hostsWith = (...runs: AtWork[]): FakeHost[] =>
  runs.map((atWork, i) => fakeHost(`h${i + 1}`, { atWork }))
const look = (hosts: readonly FakeHost[], turn: Turn): Promise<Hands> =>
  Hands.look(
    hosts.map((host) => ({ ...machine({ name: host.name }), host })),
    new Map(),
    turn,
  )
const taken = (hosts: readonly FakeHost[]): boolean[] => hosts.map(({ done }) => done.includes('take over'))

describe('a run that changes something', () => {
  test('has the lock when it applies, and takes over each host before the first change there', async () => {
    const hosts = hostsWith(nobody, nobody)
    const hands = await look(hosts, change)
    expect([hands.stirred, hands.others]).toEqual([false, []])
    await hands.mustBeSame()
    expect(hosts.map(({ done }) => done)).toEqual([[], []])
    await hands.take()
    expect(hosts.map(({ done }) => done)).toEqual([['hold'], ['hold']])
    await hosts[1]?.write({ path: '/x', content: '', mode: '0600' })
    expect(hosts.map(({ done }) => done)).toEqual([['hold'], ['hold', 'take over', 'write /x']])
    expect(await hosts[1]?.atWork()).toMatchObject({ epoch: 'mine', owner: 'up by me' })
    // once is enough
    await hands.take()
    expect(hosts[0]?.done).toEqual(['hold'])
  })

  test('has it on control planes alone', async () => {
    const hosts = hostsWith(nobody, nobody)
    const machines = hosts.map((host, i) => ({
      ...machine({ name: host.name, roles: i === 0 ? ['control-plane'] : ['worker'] }),
      host,
    }))
    await (await Hands.look(machines, new Map(), change)).take()
    expect(hosts.map(({ done }) => done)).toEqual([['hold'], []])
  })

  test('takes all hosts over before it looks where another run is at work on one, and says whose it was', async () => {
    const hosts = hostsWith(nobody, other)
    const hands = await look(hosts, change)
    expect(taken(hosts)).toEqual([true, true])
    expect(hands.stirred).toBe(true)
    expect(hands.others).toEqual([
      {
        host: 'h2',
        text: expect.stringContaining('up by ann@laptop, process 7, since 10:00'),
      },
    ])
    // once is enough
    await hands.take()
    expect(hosts[0]?.done).toEqual(['hold', 'take over'])
  })

  test('takes all hosts over, too, where one that had the lock was killed before it changed anything', async () => {
    const hosts = hostsWith({ ...nobody, run: { epoch: 'e1', words: 'up by ann', held: false } }, nobody)
    const hands = await look(hosts, change)
    expect(taken(hosts)).toEqual([true, true])
    expect(hands.others).toEqual([{ host: 'h1', text: expect.stringContaining('up by ann') }])
  })

  test('is refused, with its name, by one that has the lock, and changes nothing', async () => {
    const run = { epoch: 'e1', words: 'up by ann', held: true }
    const hosts = hostsWith({ ...other, run }, other)
    await expect(look(hosts, change)).rejects.toMatchObject({
      kind: 'step',
      message: 'another run holds the cluster: up by ann',
    })
    // what was had already is given back
    expect(hosts.map(({ done }) => done)).toEqual([[], ['hold', 'let the lock go']])
  })

  test('does so, too, where a change of a run that left no name is under way', async () => {
    const hosts = hostsWith({ epoch: 'e1', owner: undefined, busy: true })
    expect((await look(hosts, change)).others[0]?.text).toContain('a run of an earlier version')
    expect(taken(hosts)).toEqual([true])
  })

  test('has the lock before it looks when it is told that another run came between', async () => {
    const hosts = hostsWith(nobody)
    const hands = await look(hosts, { ...change, first: true })
    expect([hosts[0]?.done, hands.stirred]).toEqual([['hold'], true])
  })

  test.each([
    ['is at work now', other],
    ['came and went', { ...nobody, epoch: 'e2' }],
    ['is in the middle of a change', { ...nobody, busy: true }],
  ])('is told that its look is outdated where another run %s', async (_, now) => {
    const runs: AtWork[] = [nobody, now]
    const asked = fakeHost('h1')
    asked.atWork = async () => runs.shift() ?? now
    const nothingToDo = await look([asked], change)
    await expect(nothingToDo.mustBeSame()).rejects.toBeInstanceOf(ChangedHands)

    const host = fakeHost('h1', { atWork: now })
    const since: AtWork[] = [nobody, now]
    host.atWork = async () => since.shift() ?? now
    await expect((await look([host], change)).take()).rejects.toBeInstanceOf(ChangedHands)
  })
})

describe('a run that looks', () => {
  test('waits for a change that is under way, then looks again, and takes nothing over', async () => {
    const host = fakeHost('h1')
    const waits: number[] = []
    host.atWork = async (waitMs = 0) => {
      waits.push(waitMs)
      return { ...other, busy: waitMs === 0 }
    }
    const hands = await look([host], { kind: 'look', patient: true })
    expect(waits).toEqual([0, 120_000])
    expect([hands.stirred, host.done]).toEqual([true, []])
    expect(hands.others[0]?.text).toContain('what is seen may change')
    await expect(hands.take()).rejects.toThrow('takes nothing over')
  })

  test('ends with the name of the host where the change does not end', async () => {
    const hosts = hostsWith(nobody, { ...other, busy: true, doing: 'install packages etcd (for 130 s)' })
    await expect(look(hosts, { kind: 'look', patient: true })).rejects.toMatchObject({
      kind: 'step',
      host: 'h2',
      why: expect.stringMatching(/install packages etcd \(for 130 s\), of up by ann@laptop/),
    })
    expect((await look(hosts, { kind: 'look', patient: false })).others).toEqual([
      { host: 'h2', text: expect.stringMatching(/up by ann@laptop.*under way, install packages etcd/) },
    ])
  })
})
