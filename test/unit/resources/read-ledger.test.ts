import { expect, test } from 'vitest'
import { readLedger } from '../../../src/resources/ledger.js'
import { fakeHost } from '../../support/fake-host.js'

const answering = (stdout: string, code = 0) =>
  readLedger(
    fakeHost('w1', { answer: () => ({ code, stdout: Buffer.from(stdout), stderr: 'no space left' }) }),
  )

test('a ledger is read to its end mark: without one it was not read, which is not an empty one', async () => {
  expect(await answering('@end\n')).toEqual([])
  expect(await answering('enabled\tx.service\t\n@end\n')).toEqual([
    { kind: 'enabled', subject: 'x.service', detail: '' },
  ])
  await expect(answering('')).rejects.toThrow('cannot read')
  await expect(answering('enabled\tx.service\t\n')).rejects.toThrow('cannot read')
  await expect(answering('@end\n', 1)).rejects.toThrow('cannot read')
})
