import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectThreePlanes, threePlanes } from '../support/control-planes.js'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { cp2, cp3, kubestrap, whyNot } from '../support/e2e-lab.js'
import { killedRun } from '../support/killed-run.js'

const reason = whyNot()

// How one grows into three, and what such a cluster does later, is in test/long.
describe.skipIf(reason !== undefined)(
  `three control planes at once${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let file = ''

    beforeAll(async () => {
      file = threePlanes()
      await startLab(file)
    })
    afterAll(() => kubestrap('lab', 'down', '-i', file))

    test('killed while the second joins, the next run goes on; the one after changes nothing', async () => {
      const run = await killedRun(['up', '-i', file, '--no-verify'], {
        step: new RegExp(`^(${cp2}|${cp3})/etcd-member$`),
        ms: 300,
      })
      expect(run.killed).toBe(true)
      await upChanged(file)
      await expectThreePlanes(file)
      expect(await upChanged(file)).toEqual([])
    })
  },
)
