import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-sum-'))
const file = join(scratch, 'tally')
const counts = (failed: number, failures: string[]) => ({
  runs: ['test'],
  passed: 3,
  failed,
  skipped: 1,
  failures,
  files: [
    { file: 'test/unit/a.test.ts', seconds: 2, hooks: [] },
    { file: 'test/unit/d.test.ts', seconds: 0.5, hooks: [] },
    { file: 'test/e2e/c.test.ts', seconds: 7, hooks: [] },
    { file: 'test/e2e/b.test.ts', seconds: 61.25, hooks: [{ what: 'beforeAll', seconds: 40 }] },
  ],
})

/** What sum.js says of a file that holds `tally`, when these runs should be in it. */
function sum(tally: object, ...runs: string[]) {
  writeFileSync(file, JSON.stringify(tally))
  return spawnSync(process.execPath, ['test/runner/sum.js', file, ...runs], { encoding: 'utf8' })
}

describe('what the runs of CI came to', () => {
  afterAll(() => rmSync(scratch, { recursive: true }))

  test('ends with the counts, and says before how long each file took, the slowest last', () => {
    const { status, stdout } = sum(counts(0, []), 'test')
    expect(status).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('3 passed, 0 failed, 1 skipped')
    expect(stdout).toContain(
      '     2.5  2 files that took less than 5 s each\n     7.0  test/e2e/c.test.ts\n    61.3  test/e2e/b.test.ts\n            40.0 beforeAll\n',
    )
  })

  test('is a failure when something failed, which is named', () => {
    const { status, stdout } = sum(counts(1, ['b > is right']), 'test')
    expect(status).toBe(1)
    expect(stdout).toContain('  - b > is right\n')
  })

  test('is a failure when a run left no counts', () => {
    const { status, stdout } = sum(counts(0, []), 'test', 'long')
    expect(status).toBe(1)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('3 passed, 1 failed, 1 skipped')
  })
})
