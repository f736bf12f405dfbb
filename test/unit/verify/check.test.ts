import { describe, expect, test } from 'vitest'
import { type CheckResult, check, NotSoYet, until, type VerifyOptions } from '../../../src/verify/check.js'

/** Options whose clock a test moves by sleeping, with what was told. */
function watched() {
  let now = 0
  const waiting: string[] = []
  const results: CheckResult[] = []
  const options: VerifyOptions = {
    now: () => now,
    signal: new AbortController().signal,
    onResult: (result) => results.push(result),
    onWaiting: (what, ms) => waiting.push(`${ms}: ${what}`),
  }
  const sleep = async (ms: number): Promise<void> => {
    now += ms
  }
  return { options, sleep, waiting, results }
}

describe('until', () => {
  test('says now and then what it waits for, and nothing of a short wait', async () => {
    const { options, sleep, waiting } = watched()
    await until(options, sleep, 30_000, async () => {
      const seconds = options.now() / 1000
      if (seconds < 24) throw new NotSoYet(seconds < 7 ? 'w1 is not registered' : 'w1 is not Ready')
    })
    expect(waiting).toEqual(['5000: w1 is not registered', '15000: w1 is not Ready'])
    await until(options, sleep, 30_000, async () => {
      if (options.now() < 28_000) throw new NotSoYet('a pod is missing')
    })
    expect(waiting).toHaveLength(2)
  })

  test('gives up with the last words', async () => {
    const { options, sleep } = watched()
    const asked = until(options, sleep, 2_000, () => Promise.reject(new NotSoYet('never')))
    await expect(asked).rejects.toThrow('never')
    expect(options.now()).toBe(2_000)
  })
})

describe('a check', () => {
  test('that fails tells what those it is about said; one that passes asks nobody', async () => {
    const { options, results } = watched()
    let asked = 0
    const evidence = async (): Promise<string> => {
      asked += 1
      return 'echo-1: no such file\n'
    }
    await check(options, 'good', async () => 'yes', evidence)
    await check(options, 'bad', () => Promise.reject(new Error('not ready')), evidence)
    expect(asked).toBe(1)
    expect(results).toEqual([
      { name: 'good', status: 'passed', ms: 0, detail: 'yes' },
      { name: 'bad', status: 'failed', ms: 0, detail: 'not ready', words: 'echo-1: no such file' },
    ])
  })

  test('fails with its own words where no others can be had', async () => {
    const { options, results } = watched()
    const work = () => Promise.reject(new Error('not ready'))
    await check(options, 'bad', work, () => Promise.reject(new Error('the API is away')))
    expect(results).toEqual([{ name: 'bad', status: 'failed', ms: 0, detail: 'not ready' }])
  })
})
