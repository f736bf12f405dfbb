import { describe, expect, test } from 'vitest'
import { inventory, kubestrap, on, w1, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { haveNft, traces } from '../support/lab-traces.js'

const reason = whyNot()

// Nothing else may run on this machine meanwhile: it is seen as a whole.
describe.skipIf(reason !== undefined)(`a lab${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('that is started and taken down leaves the machine it ran on as it was', async () => {
    const lab = inventory('lab')
    await kubestrap('lab', 'down', '-i', lab)
    await haveNft()
    const before = await traces()
    expectCode(await kubestrap('lab', 'up', '-i', lab), 0)
    expect(await on(w1, 'hostname')).toBe(`${w1}\n`)
    expect(await traces()).not.toEqual(before)
    expectCode(await kubestrap('lab', 'down', '-i', lab), 0)
    expect(await traces()).toEqual(before)
  })
})
