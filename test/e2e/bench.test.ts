import { expect, test } from 'vitest'
import { run, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()

// the others bear clusters: test/long/bench.test.ts
test.skipIf(reason !== undefined)(
  `the benchmark of certificates runs${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const ran = await run(process.execPath, ['test/bench/run.js', 'certificates', '--runs', '1', '--small'])
    expectCode(ran, 0)
    expect(ran.stdout).toMatch(
      /^kubeadm init phase certs all +\d+ ms .*\nall keys and certificates +\d+ ms .*x$/m,
    )
  },
)
