import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { counted } from '../../../src/lib/counted.js'

it('passes bytes on unchanged and tells how many have gone through', async () => {
  const totals: number[] = []
  const chunks = [Buffer.from('abc'), Buffer.alloc(300_000, 'x'), Buffer.from('é')]
  const out = await buffer(counted(Readable.from(chunks), (total) => totals.push(total)))
  expect(out.equals(Buffer.concat(chunks))).toBe(true)
  expect(totals).toEqual([3, 300_003, 300_005])
})

it('passes on what breaks the source', async () => {
  const source = new Readable({
    read() {
      this.destroy(new Error('disk gone'))
    },
  })
  await expect(buffer(counted(source, () => {}))).rejects.toThrow('disk gone')
})

it('lets go of the source when nobody reads on', async () => {
  const source = new Readable({ read() {} })
  const closed = new Promise((resolve) => source.once('close', resolve))
  counted(source, () => {}).destroy()
  await closed
})
