import { describe, expect, test } from 'vitest'
import { type Holding, silentMs } from '../../../src/host/run-lock.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { ClusterLock, type LockRequest, majorityOf } from '../../../src/workflows/cluster-lock.js'
import { machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const me: LockRequest = { epoch: 'mine', words: 'up by me', takeOver: false }
const ann = { epoch: 'e1', words: 'up by ann@laptop' }

type Answer = 'ours' | 'other' | 'silent'

/** A control plane that answers so, one after the other; the last one for ever. */
function plane(name: string, ...answers: Answer[]) {
  const host = fakeHost(name)
  const log: string[] = []
  let silent = 0
  let lose: (asked: boolean) => void = () => {}
  host.hold = async ({ take }) => {
    log.push(take ? 'take' : 'hold')
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'ours'
    if (answer === 'silent') throw new NoAnswer('no answer', { host: name })
    if (answer === 'other' && !take) return { kind: 'other', owner: ann }
    return {
      kind: 'held',
      left: answer === 'other' ? ann : undefined,
      heardAt: () => performance.now() - silent,
      ended: new Promise((resolve) => {
        lose = resolve
      }),
      settle: () => void log.push('settle'),
      letGo: async () => {
        log.push('let go')
        lose(true)
      },
    } satisfies Holding
  }
  const fallSilent = (ms: number): void => {
    silent = ms
  }
  return { machine: { ...machine({ name }), host }, log, lose: () => lose(false), fallSilent }
}

const take = (
  planes: readonly ReturnType<typeof plane>[],
  more: Partial<LockRequest> = {},
  of = planes.length,
) => ClusterLock.take({ planes: planes.map((one) => one.machine), of }, { ...me, ...more })

test.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
])('of %i control planes a run needs %i', (all, need) => {
  expect(majorityOf(all)).toBe(need)
})

describe('the lock of a cluster', () => {
  test('is had with more than half of the control planes, whatever the others say', async () => {
    for (const third of ['other', 'silent'] as const) {
      const lock = await take([plane('a', 'ours'), plane('b', 'ours'), plane('c', third)])
      expect(lock.lost).toBeUndefined()
    }
    expect((await take([plane('a'), plane('b')], {}, 3)).lost).toBeUndefined()
    // all of them are declared down
    expect((await take([])).lost).toBeUndefined()
  })

  test('is asked for in the order of names, and given back where it is not had', async () => {
    const [a, b] = [plane('a', 'other'), plane('b', 'ours')]
    await expect(take([b, a])).rejects.toMatchObject({
      kind: 'step',
      message: 'another run holds the cluster: up by ann@laptop',
      next: expect.stringMatching(/--wait.*--take-over/),
    })
    expect(b.log).toEqual(['hold', 'let go'])
  })

  test('needs control planes that answer, and says which do not', async () => {
    await expect(take([plane('a'), plane('b', 'silent')], {}, 3)).rejects.toMatchObject({
      kind: 'connection',
      message: '1 of 3 control plane nodes can be locked, and a run that changes something needs 2',
      why: 'b: no answer',
      next: expect.stringContaining('state: down'),
    })
  })

  test('is waited for as long as that may take, and its owner named', async () => {
    const told: string[] = []
    const onWaiting = (owner: string) => told.push(owner)
    await take([plane('a', 'other', 'ours')], { waitMs: 60_000, onWaiting })
    expect(told).toEqual(['up by ann@laptop'])
    await expect(take([plane('a', 'other')], { waitMs: 1_000 })).rejects.toMatchObject({
      message: expect.stringContaining('ann@laptop'),
      why: 'waited 1 s for its end',
    })
    const interrupted = take([plane('a', 'other')], { waitMs: 60_000, signal: AbortSignal.abort() })
    await expect(interrupted).rejects.toMatchObject({ kind: 'interrupted' })
  })

  test('is taken over where that is wanted, and says from whom', async () => {
    const one = plane('a', 'other')
    const lock = await take([one], { takeOver: true })
    expect([...lock.left.values()]).toEqual([ann])
    lock.settle()
    expect(one.log).toEqual(['take', 'settle'])
  })

  test('is lost to a run that took it over on so many that too few are left', async () => {
    const planes = [plane('a', 'ours', 'other'), plane('b', 'ours', 'other'), plane('c')]
    const lock = await take(planes)
    planes[0]?.lose()
    await expect.poll(() => planes[0]?.log.length, { timeout: 5_000 }).toBe(2)
    expect(lock.lost).toBeUndefined()
    planes[1]?.lose()
    await expect
      .poll(() => lock.lost, { timeout: 5_000 })
      .toMatchObject({
        kind: 'step',
        message: 'another run has taken over the cluster',
        why: 'up by ann@laptop',
        endsRun: true,
        takenOverBy: 'up by ann@laptop',
      })
  })

  test('is lost, as far as its run knows, before a host gives it away for silence', async () => {
    const planes = [plane('a'), plane('b'), plane('c')]
    const lock = await take(planes)
    planes[0]?.fallSilent(silentMs)
    planes[1]?.fallSilent(silentMs / 2)
    expect(lock.lost).toBeUndefined()
    planes[1]?.fallSilent(silentMs - 5_000)
    expect(lock.lost).toMatchObject({
      message: 'the lock of the cluster is lost',
      why: 'a: no answer for 30 s\nb: no answer for 25 s',
      endsRun: true,
    })
    planes[1]?.fallSilent(0)
    expect(lock.lost).toBeUndefined()
  })

  test('is had again where a line was lost and nobody came between', async () => {
    const one = plane('a', 'ours', 'silent', 'ours')
    const lock = await take([one], { takeOver: true })
    one.lose()
    await expect.poll(() => one.log, { timeout: 8_000 }).toEqual(['take', 'hold', 'hold'])
    expect(lock.lost).toBeUndefined()
  })

  test('is kept while the run itself makes hosts go away, and those that come back are had again', async () => {
    const planes = [plane('a', 'ours', 'silent', 'ours'), plane('b'), plane('c')]
    const [a, b, c] = planes
    const lock = await take(planes)
    const isBack = lock.expectAbsence(a?.machine.host ?? fakeHost('a'))
    a?.fallSilent(silentMs)
    a?.lose()
    b?.fallSilent(silentMs)
    // with the one that is expected back, and c
    expect(lock.lost).toBeUndefined()
    c?.fallSilent(silentMs)
    expect(lock.lost).toMatchObject({ message: 'the lock of the cluster is lost' })
    c?.fallSilent(0)
    await expect.poll(() => a?.log, { timeout: 8_000 }).toEqual(['hold', 'hold', 'hold'])
    a?.fallSilent(0)
    await isBack()
    expect(lock.lost).toBeUndefined()
    c?.fallSilent(silentMs)
    expect(lock.lost).toBeDefined()
  })

  test('is lost where another run has taken the host that came back', async () => {
    const one = plane('a', 'ours', 'other')
    const lock = await take([one])
    const isBack = lock.expectAbsence(one.machine.host)
    one.fallSilent(1_000)
    one.lose()
    await isBack()
    expect(lock.lost).toMatchObject({ takenOverBy: 'up by ann@laptop' })
  })

  test('is lost where its line was lost for so long that another run may have had it', async () => {
    const one = plane('a', 'ours', 'silent', 'ours')
    const lock = await take([one])
    one.fallSilent(silentMs)
    one.lose()
    await expect.poll(() => one.log, { timeout: 8_000 }).toEqual(['hold', 'hold', 'hold', 'let go'])
    expect(lock.lost).toMatchObject({ why: 'a: the connection was lost for too long' })
  })
})
