import { expect, test } from 'vitest'
import { badVerdict } from '../../../src/cli/converge.js'
import { UserError } from '../../../src/lib/errors.js'

const lost = new UserError('step', 'another run has taken over this host', {
  host: 'w1',
  endsRun: true,
  takenOverBy: 'up by ann@laptop',
})

test('a run that was taken over says by whom, and that nothing has to be repeated', () => {
  const failed = { key: 'w2/x', error: new UserError('step', 'no answer') }
  const words =
    "Taken over by another run (up by ann@laptop): the hosts are that run's now, and nothing has to be repeated"
  expect(badVerdict([failed, { key: 'w1/x', error: lost }])).toBe(words)
  // also where the cause of a failure was looked for
  expect(badVerdict([{ key: 'w1/x', error: new UserError('step', 'x', { cause: lost }) }])).toBe(words)
})

test('any other run that failed is to be run again', () => {
  const failed = { key: 'w2/x', error: new UserError('step', 'no answer') }
  expect(badVerdict([failed])).toBe('Not done: fix the cause and run again; finished steps are kept')
})
