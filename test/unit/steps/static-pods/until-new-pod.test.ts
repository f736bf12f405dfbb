import { describe, expect, test } from 'vitest'
import { untilNewPod } from '../../../../src/steps/static-pods/until-new-pod.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { unitsAnswer } from '../../../support/units-answer.js'

interface World {
  alone?: boolean
  /** The API server runs, and listens, or comes back after each end. */
  apiServer?: 'listens' | 'starts'
  kubelet?: boolean
}

/** Containers at each look, the last for ever; the change comes after the first look. */
async function ended(looks: readonly string[][], { alone = false, apiServer, kubelet = true }: World = {}) {
  let asked = 0
  let now = 0
  let changedAfter: number | undefined
  const ends: string[] = []
  const host = fakeHost('cp1', {
    answer: (question) => {
      const { what, args: [name] = [] } = question
      if (what === 'whether kube-apiserver listens')
        return { stdout: Buffer.from(apiServer === 'listens' ? '192B\n' : '') }
      if (name === 'kube-apiserver') return { stdout: Buffer.from(apiServer ? 'api\n' : '') }
      if (name !== 'etcd') return unitsAnswer(question, kubelet ? 'active' : 'inactive')
      const seen = looks[Math.min(asked, looks.length - 1)] ?? []
      asked += 1
      return { stdout: Buffer.from(seen.map((id) => `${id}\n`).join('')) }
    },
    onMutate: ({ what, args = [] }) => {
      ends.push(`after ${asked}: ${what} ${args.join(' ')}`)
      return undefined
    },
  })
  const own = { ...machine(), host }
  const context = contextOf([own], {
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms
    },
  })
  const change = async () => {
    changedAfter = asked
  }
  return { came: await untilNewPod(context, own, 'etcd', change, alone), asked, changedAfter, now, ends }
}

describe('a pod is made anew', () => {
  test('when the runtime has a container that was not there before the change', async () => {
    expect(await ended([['old'], ['old'], ['old', 'new']])).toMatchObject({
      came: true,
      asked: 3,
      changedAfter: 1,
    })
  })

  test('of etcd only when the old container has ended, too: it would answer for the new one', async () => {
    expect(await ended([['old'], ['old', 'new'], ['old', 'new'], ['new']], { alone: true })).toMatchObject({
      came: true,
      asked: 4,
    })
    expect(await ended([['old'], ['old', 'new']], { alone: true })).toMatchObject({ came: false })
  })

  test('of etcd without the API server beside it, which would let requests wait: it is ended, and once more when it came back before', async () => {
    const end = 'end kube-apiserver kube-apiserver'
    const looks = [['old'], ['old'], [], [], ['new']]
    expect(await ended(looks, { alone: true, apiServer: 'listens' })).toMatchObject({
      came: true,
      changedAfter: 1,
      ends: [`after 1: ${end} 5`, `after 3: ${end} 0`],
    })
    // one that only starts finds no member, and does not begin to listen
    expect((await ended(looks, { alone: true, apiServer: 'starts' })).ends).toEqual([`after 1: ${end} 5`])
    expect((await ended(looks, { alone: true })).ends).toEqual([])
  })

  test('of etcd is no reason to end an API server that no kubelet would start again', async () => {
    expect((await ended([['old']], { apiServer: 'listens', kubelet: false })).ends).toEqual([])
  })

  test('of an API server that was told to end has five seconds for it: it would wait for watches that do not end', async () => {
    let now = 0
    let [killed, old] = [0, true]
    const host = fakeHost('cp1', {
      answer: ({ what }) => {
        // told to end a second after the change
        if (what === 'whether kube-apiserver listens')
          return { stdout: Buffer.from(now >= 1_000 ? '' : '192B\n') }
        return { stdout: Buffer.from(old ? 'old\n' : 'new\n') }
      },
      onMutate: ({ args = [] }) => {
        expect(args).toEqual(['kube-apiserver', '0'])
        killed = now
        old = false
        return undefined
      },
    })
    const own = { ...machine(), host }
    const sleep = async (ms: number) => {
      now += ms
    }
    const context = contextOf([own], { now: () => new Date(now), sleep })
    expect(await untilNewPod(context, own, 'kube-apiserver', async () => {})).toBe(true)
    expect(killed).toBe(6_250)
  })

  test('of an API server that has just been started is changed once it listens, and of one that does not begin to, after 30 s', async () => {
    const changedAt = async (listensAt: number): Promise<number> => {
      let now = 0
      let changed = -1
      const host = fakeHost('cp1', {
        answer: ({ what }) => {
          if (what === 'whether kube-apiserver listens')
            return { stdout: Buffer.from(now >= listensAt ? '192B\n' : '') }
          return { stdout: Buffer.from(changed < 0 ? 'old\n' : 'new\n') }
        },
      })
      const own = { ...machine(), host }
      const sleep = async (ms: number) => {
        now += ms
      }
      const context = contextOf([own], { now: () => new Date(now), sleep })
      await untilNewPod(context, own, 'kube-apiserver', async () => {
        changed = now
      })
      return changed
    }
    expect(await changedAt(0)).toBe(0)
    expect(await changedAt(3_000)).toBe(3_000)
    expect(await changedAt(Number.POSITIVE_INFINITY)).toBe(30_000)
  })

  test('of an API server that never listened is nobody’s that was told to end: the kubelet has not read the manifest yet', async () => {
    const ends: unknown[] = []
    let now = 0
    const host = fakeHost('cp1', {
      answer: ({ what }) => ({
        stdout: Buffer.from(what === 'whether kube-apiserver listens' ? '' : 'old\n'),
      }),
      onMutate: ({ args }) => {
        ends.push(args)
        return undefined
      },
    })
    const own = { ...machine(), host }
    const sleep = async (ms: number) => {
      now += ms
    }
    const context = contextOf([own], { now: () => new Date(now), sleep })
    expect(await untilNewPod(context, own, 'kube-apiserver', async () => {})).toBe(false)
    expect(ends).toEqual([])
  })

  test('never, when the old one runs on: after 45 s it is given up, not taken for the new one', async () => {
    const { came, now } = await ended([['old']])
    expect([came, now]).toEqual([false, 45_000])
  })

  test('is not concluded from a runtime that does not answer', async () => {
    const own = { ...machine(), host: fakeHost('cp1', { answer: () => ({ code: 1, stderr: 'no daemon' }) }) }
    let changed = false
    const change = async () => {
      changed = true
    }
    await expect(untilNewPod(contextOf([own]), own, 'etcd', change)).rejects.toThrow('no daemon')
    expect(changed).toBe(false)
  })
})
