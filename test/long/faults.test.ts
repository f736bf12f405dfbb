import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { classes } from '../chaos/faults.js'
import { readResult } from '../chaos/table.js'
import { chaosLab, run, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()
const seed = Number(process.env.KUBESTRAP_SEED ?? 20_261_130)
/** All but the slow line, which is measured, and on a busy computer is another one than it should be. */
const names = Object.keys(classes).filter((name) => name !== 'slow')

/** A sample: `npm run chaos` tries more of each class, and in other topologies (docs/what-ran.md). */
describe.skipIf(reason !== undefined)(`faults on purpose${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test(`one of each class, during a birth or a change: the next run converges (seed ${seed})`, async () => {
    const out = join(folder, 'table.json')
    const args = [
      '--topology',
      'single',
      '--seed',
      String(seed),
      '--class',
      names.join(','),
      '--tries',
      String(names.length),
      '--out',
      out,
    ]
    const ran = await run(
      'env',
      [`KUBESTRAP_CHAOS=${chaosLab}`, process.execPath, 'test/chaos/run.js', ...args],
      {
        timeoutMs: 1_500_000,
      },
    )
    process.stderr.write(ran.stderr)
    expectCode(ran, 0)
    const each = Object.fromEntries(names.map((name) => [name, { tried: 1, converged: 1 }]))
    expect(readResult(out)).toEqual({ table: { single: each }, failures: [] })
  }, 1_600_000)
})
