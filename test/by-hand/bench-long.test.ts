import { describe, expect, test } from 'vitest'
import { run, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()

/** One round on as few machines as will do: figures that mean nothing, by benchmarks that work. */
const round = (...names: string[]) =>
  run(process.execPath, ['test/bench/run.js', ...names, '--runs', '1', '--small'])

describe.skipIf(reason !== undefined)(`benchmarks run${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('that of a birth with several control planes', async () => {
    const ran = await round('ha')
    expectCode(ran, 0)
    expect(ran.stdout).toMatch(/^kubeadm, 2\+0: .* \d+ ms /m)
    expect(ran.stdout).toMatch(/^kubestrap up --no-verify, 2\+0 +\d+ ms .*x$/m)
  })

  test('those of a birth, and of commands on a cluster with nothing to change', async () => {
    const ran = await round('up', 'idle')
    expectCode(ran, 0)
    expect(ran.stdout).toMatch(/^kubestrap up --no-verify, 1\+1 +\d+ ms .*x$/m)
    for (const name of [
      'kubestrap --version',
      'kubestrap up, nothing to change',
      'kubestrap plan, nothing to change',
    ])
      expect(ran.stdout).toMatch(new RegExp(`^${name} +\\d+ ms .*x$`, 'm'))
  })
})
