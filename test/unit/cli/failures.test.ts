import { expect, test } from 'vitest'
import { failuresTold } from '../../../src/cli/failures.js'
import { UserError } from '../../../src/lib/errors.js'

// seen: a run that another took over printed the same four lines for each of thirty steps
test('what ended many steps of a host alike is told once, with how many there were', () => {
  const taken = (): UserError =>
    new UserError('step', 'another run of kubestrap has taken over this host', {
      why: 'up by root',
      next: 'run again',
    })
  const told = failuresTold([
    { key: 'w1/file:/a', error: taken() },
    { key: 'w1/file:/b', error: taken() },
    { key: 'w2/file:/a', error: taken() },
    { key: 'w1/service:x', error: new Error('it did not start') },
  ])
  expect(told.map(({ message, why }) => [message, why])).toEqual([
    ['w1/file:/a (and 1 more): another run of kubestrap has taken over this host', 'up by root'],
    ['w2/file:/a: another run of kubestrap has taken over this host', 'up by root'],
    ['w1/service:x: it did not start', undefined],
  ])
})
