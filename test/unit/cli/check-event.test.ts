import { describe, expect, test } from 'vitest'
import { checkEvent } from '../../../src/cli/check-event.js'

const failed = {
  name: 'control plane running',
  status: 'failed' as const,
  ms: 5,
  detail: 'kube-scheduler of cp1 is not ready',
  words:
    'cp1: container kube-scheduler: Exited (1) at 2026-11-29T12:00:00Z\ncp1: kube-scheduler: Error: unknown flag: --no-such-flag',
}

describe('the event of a check', () => {
  test('names the cause that words of this run show, and its code', () => {
    expect(checkEvent({ ...failed, recent: true }, 7)).toEqual({
      type: 'check',
      at: 7,
      ...failed,
      cause: '--no-such-flag is no flag of this version',
      code: 'KS0405',
    })
  })

  test('names none from words that may be older', () => {
    expect(checkEvent(failed, 7)).toEqual({ type: 'check', at: 7, ...failed })
  })

  test('names none of a check that passed', () => {
    const passed = { ...failed, status: 'passed' as const, recent: true as const }
    expect(checkEvent(passed, 7)).not.toHaveProperty('code')
  })
})
