import { expect, it } from 'vitest'
import { throttled } from '../../../src/lab/report.js'

it('a throttled report passes on the first line and then at most one each while', () => {
  const said: string[] = []
  let now = 0
  const report = throttled(
    (text) => said.push(text),
    1000,
    () => now,
  )
  for (const at of [0, 1, 999, 1000, 1500, 1999, 2000, 9000]) {
    now = at
    report(`at ${at}`)
  }
  expect(said).toEqual(['at 0', 'at 1000', 'at 2000', 'at 9000'])
})
