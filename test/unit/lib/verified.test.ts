import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { verified } from '../../../src/lib/verified.js'

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const chunks = [Buffer.from('abc'), Buffer.alloc(300_000, 'x'), Buffer.from('é')]
const whole = Buffer.concat(chunks)

it('passes on what has the digest, unchanged, and tells how much has gone through', async () => {
  const totals: number[] = []
  const wish = { sha256: sha256(whole), name: 'f', onBytes: (total: number) => totals.push(total) }
  expect((await buffer(verified(Readable.from(chunks), wish))).equals(whole)).toBe(true)
  expect(totals).toEqual([3, 300_003, 300_005])
  expect(await buffer(verified(Readable.from([]), { ...wish, sha256: sha256('') }))).toHaveLength(0)
})

it.each([
  ['a changed byte', [Buffer.from('abd'), ...chunks.slice(1)]],
  ['less', chunks.slice(0, 2)],
  ['more', [...chunks, Buffer.from('!')]],
])('never passes on a whole of another digest: %s', async (_, other) => {
  const got: Buffer[] = []
  const stream = verified(Readable.from(other), { sha256: sha256(whole), name: '/b/f', onBytes: () => {} })
  stream.on('data', (chunk: Buffer) => got.push(chunk))
  const error = await new Promise((resolve) => stream.once('error', resolve))
  expect(error).toMatchObject({ kind: 'preflight', message: '/b/f changed while it was sent' })
  expect(Buffer.concat(got).length).toBeLessThan(Buffer.concat(other).length)
})

it('passes on what breaks the source, and lets go of it when nobody reads on', async () => {
  const wish = { sha256: '', name: 'f', onBytes: () => {} }
  const broken = new Readable({
    read() {
      this.destroy(new Error('disk gone'))
    },
  })
  await expect(buffer(verified(broken, wish))).rejects.toThrow('disk gone')
  const source = new Readable({ read() {} })
  const closed = new Promise((resolve) => source.once('close', resolve))
  verified(source, wish).destroy()
  await closed
})
