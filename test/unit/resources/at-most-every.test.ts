import { expect, test } from 'vitest'
import { atMostEvery } from '../../../src/resources/at-most-every.js'

function clock() {
  let ms = 0
  return {
    now: () => new Date(ms),
    pass: (by: number) => {
      ms += by
    },
  }
}

test('one answer serves those who ask until it is old', async () => {
  const time = clock()
  let asked = 0
  const ask = atMostEvery(200, time, async () => {
    asked += 1
    return asked
  })
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
  time.pass(199)
  expect(await ask()).toBe(1)
  time.pass(1)
  expect(await ask()).toBe(2)
})

test('while one is under way no other is asked for, however long it takes', async () => {
  const time = clock()
  const answers: ((value: string) => void)[] = []
  const ask = atMostEvery(200, time, () => new Promise<string>((resolve) => answers.push(resolve)))
  const first = ask()
  time.pass(5_000)
  const second = ask()
  expect(answers).toHaveLength(1)
  answers[0]?.('slow')
  expect(await Promise.all([first, second])).toEqual(['slow', 'slow'])
  void ask()
  expect(answers).toHaveLength(2)
})

test('a failure is told to those who asked, and the next asks again', async () => {
  const time = clock()
  let asked = 0
  const ask = atMostEvery(200, time, async () => {
    asked += 1
    if (asked === 1) throw new Error('no API')
    return 'there'
  })
  await expect(ask()).rejects.toThrow('no API')
  expect(await ask()).toBe('there')
})
