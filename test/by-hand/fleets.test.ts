import { expect, test } from 'vitest'
import { run, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()

test.skipIf(reason !== undefined)(
  `the benchmark of fleets runs: a birth in a terminal, and then nothing to change${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const ran = await run(process.execPath, ['test/bench/run.js', 'scale', '--runs', '1', '--hosts', '3,5'])
    expectCode(ran, 0)
    expect(ran.stderr).not.toContain('never recorded')
    expect(ran.stdout).toMatch(/^birth of 5 hosts, in a terminal +\d+ ms, processor \d+ ms/m)
    // facts and looks: two commands a host, over one connection
    for (const name of ['up', 'plan'])
      expect(ran.stdout).toMatch(
        new RegExp(
          `^${name}, nothing to change, 5 hosts .* a host: 2.00 commands, 1.00 connections, 0.00 changes`,
          'm',
        ),
      )
  },
)
