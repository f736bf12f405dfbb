import { describe, expect, test } from 'vitest'
import { untilNewPod } from '../../../../src/steps/static-pods/until-new-pod.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

/** Containers at each look, the last for ever; the change comes after the first look. */
async function ended(looks: readonly string[][], alone = false) {
  let asked = 0
  let now = 0
  let changedAfter: number | undefined
  const host = fakeHost('cp1', {
    answer: () => {
      const seen = looks[Math.min(asked, looks.length - 1)] ?? []
      asked += 1
      return { stdout: Buffer.from(seen.map((id) => `${id}\n`).join('')) }
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
  return { came: await untilNewPod(context, own, 'etcd', change, alone), asked, changedAfter, now }
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
    expect(await ended([['old'], ['old', 'new'], ['old', 'new'], ['new']], true)).toMatchObject({
      came: true,
      asked: 4,
    })
    expect(await ended([['old'], ['old', 'new']], true)).toMatchObject({ came: false })
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
