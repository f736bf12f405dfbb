import { expect, test } from 'vitest'
import { machineWarnings } from '../../../../src/cli/new/findings.js'
import { sight } from '../../inventory/new/support.js'

test('a machine that can be no host is told with why and what helps, words of the machine made harmless', () => {
  const unfit = { what: 'Linux\u001b[2J 1 is not supported', next: 'upgrade the host' }
  const look = { kind: 'seen', sight: sight({ unfit }), dialled: undefined } as const
  const wanted = {
    name: undefined,
    target: '10.0.0.21',
    roles: ['worker' as const],
    at: '--worker 10.0.0.21',
  }
  const [warning, ...more] = machineWarnings([{ wanted, look, error: undefined }])
  expect(more).toEqual([])
  expect(warning).toMatch(/^10\.0\.0\.21: Linux.*is not supported\n {2}→ upgrade the host$/)
  expect(warning).not.toContain('\u001b')
})
