import { expect, test } from 'vitest'
import { otherRunsOf, runWords } from '../../../src/cli/other-runs.js'
import type { RunEvent } from '../../../src/engine/events.js'

const events: RunEvent[] = []
const reporting = { emit: (event: RunEvent) => void events.push(event), now: () => 0 }

test('a command refuses another run, waits for it, or takes over', () => {
  expect(otherRunsOf({}, reporting)).toEqual({ takeOver: false })
  expect(otherRunsOf({ 'take-over': true }, reporting)).toEqual({ takeOver: true })
  const { waitMs, onWaiting } = otherRunsOf({ wait: '10m' }, reporting)
  expect(waitMs).toBe(600_000)
  onWaiting?.('up by ann')
  expect(events).toMatchObject([{ text: 'waiting for another run to end, at most 10m: up by ann' }])
})

test.each(['', 'long', '10', '-1m'])('--wait %j is no duration', (wait) => {
  expect(() => otherRunsOf({ wait }, reporting)).toThrow('is not a duration')
})

test('it does not both wait and take over', () => {
  expect(() => otherRunsOf({ wait: '1m', 'take-over': true }, reporting)).toThrow('exclude each other')
})

test('others are told the command, who, where, and since when, on one line', () => {
  expect(runWords('up')).toMatch(/^up by \S+@\S+, process \d+, since \d{4}-\d\d-\d\dT[\d:]+Z$/)
})
