import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { MemberState } from '../../../../src/steps/etcd/member-state.js'
import { untilSpare, untilWell } from '../../../../src/steps/etcd/spare.js'
import { contextOf, machine } from '../../../support/context.js'

const planes = [1, 2, 3].map((n) => machine({ name: `cp${n}`, address: `10.88.0.1${n}` }))
const [cp1] = planes
if (!cp1) throw new Error('no control plane')

/** What etcd says at each look: names of the healthy, or an error; the last for ever. */
let looks: (readonly string[] | Error)[] = []
let asked: string[][] = []
vi.mock('../../../../src/cluster/etcd/access.js', async (original) => ({
  ...(await original<typeof import('../../../../src/cluster/etcd/access.js')>()),
  withEtcd: async (
    machines: readonly { spec: { name: string } }[],
    work: (etcd: unknown) => Promise<unknown>,
  ): Promise<unknown> => {
    asked.push(machines.map(({ spec }) => spec.name))
    const now = looks.length > 1 ? looks.shift() : looks[0]
    if (now instanceof Error) throw now
    const members = planes.map(({ spec }) => ({
      id: spec.name,
      name: spec.name,
      peerUrls: [`https://${spec.address}:2380`],
      clientUrls: [],
      learner: false,
    }))
    return work({
      client: { members: async () => members, health: async () => undefined },
      voters: async () =>
        planes.map(({ spec }) => ({ name: spec.name, healthy: now?.includes(spec.name) === true })),
    })
  },
}))
/** What the member that is to restart says of itself, or an error. */
let own: MemberState | Error = 'following'
vi.mock('../../../../src/steps/etcd/member-state.js', () => ({
  memberState: async (): Promise<MemberState> => {
    if (own instanceof Error) throw own
    return own
  },
}))
beforeEach(() => {
  asked = []
  own = 'following'
})

function clock() {
  let now = 0
  const context = contextOf(planes, {
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms
    },
  })
  return { context, passed: () => now }
}

describe('before a member of etcd restarts', () => {
  test('the others are asked, and it goes at once when they are well', async () => {
    looks = [['cp1', 'cp2', 'cp3']]
    const { context, passed } = clock()
    await untilSpare(context, cp1)
    expect([passed(), asked.length]).toEqual([0, 1])
  })

  test('it waits while another is away, and stays when that one does not come back', async () => {
    looks = [
      ['cp1', 'cp2'],
      ['cp1', 'cp2'],
      ['cp1', 'cp2', 'cp3'],
    ]
    const first = clock()
    await untilSpare(first.context, cp1)
    expect(asked).toHaveLength(3)
    looks = [['cp1', 'cp2']]
    const second = clock()
    await expect(untilSpare(second.context, cp1)).rejects.toMatchObject({ kind: 'step', host: 'cp1' })
    expect(second.passed()).toBeGreaterThanOrEqual(60_000)
  })

  test('it stays, too, when those who were away do not answer any more', async () => {
    looks = [['cp1', 'cp2'], new Error('no answer')]
    await expect(untilSpare(clock().context, cp1)).rejects.toMatchObject({ kind: 'step' })
  })

  test.each<MemberState>(['stopped', 'leaderless'])(
    'it goes when nobody answers and it is itself %s for longer than an election: it is in no quorum',
    async (state) => {
      looks = [new Error('no answer')]
      own = state
      const { context, passed } = clock()
      await untilSpare(context, cp1)
      expect(passed()).toBeGreaterThan(15_000)
    },
  )

  test('it stays when nobody answers, and it follows a leader or cannot be asked: unknown is no permission', async () => {
    looks = [new Error('no answer')]
    const following = untilSpare(clock().context, cp1)
    await expect(following).rejects.toMatchObject({
      message: 'etcd on cp1 is not restarted: whether that would cost the quorum is not known',
      host: 'cp1',
      why: 'no answer',
    })
    own = new Error('no certificates')
    await expect(untilSpare(clock().context, cp1)).rejects.toMatchObject({
      why: 'no answer; no certificates',
    })
  })

  test('a bug is no silence', async () => {
    looks = [new TypeError('x is undefined')]
    await expect(untilSpare(clock().context, cp1)).rejects.toThrow('x is undefined')
    await expect(untilWell(clock().context, cp1, async () => {})).rejects.toThrow('x is undefined')
    expect(asked).toHaveLength(2)
  })
})

describe('after a member has restarted', () => {
  test('it is asked itself until it is well, a minute at most', async () => {
    looks = [new Error('not yet'), new Error('not yet'), ['cp1']]
    await untilWell(clock().context, cp1, async () => {})
    expect(asked).toEqual([['cp1'], ['cp1'], ['cp1']])
    looks = [new Error('never')]
    const crashing = async () => {
      throw new Error('etcd.service exits after each start')
    }
    await expect(untilWell(clock().context, cp1, crashing)).rejects.toThrow('exits after each start')
    const { context, passed } = clock()
    await expect(untilWell(context, cp1, async () => {})).rejects.toThrow('never')
    expect(passed()).toBeGreaterThan(60_000)
  })
})
