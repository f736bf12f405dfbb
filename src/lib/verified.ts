import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import { UserError } from './errors.js'

/**
 * `source` passed on, with its digest taken as it passes. The last of it goes only when the digest is right, so whoever
 * reads it never has a whole file that is another: a file may change between the look at a bundle and its sending.
 * @param sha256 lower-case hex
 * @param name how messages name the file
 * @param onBytes told after each chunk how many bytes have come through
 * The stream fails with UserError('preflight') when the digest is another.
 */
export function verified(
  source: Readable,
  { sha256, name, onBytes }: { sha256: string; name: string; onBytes: (total: number) => void },
): Readable {
  const hash = createHash('sha256')
  let total = 0
  let held: Buffer | undefined
  const through = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      total += chunk.length
      onBytes(total)
      if (held) this.push(held)
      held = chunk
      done()
    },
    flush(done) {
      const digest = hash.digest('hex')
      if (digest === sha256) done(null, held)
      else
        done(
          new UserError('preflight', `${name} changed while it was sent`, {
            why: `its SHA-256 is ${digest}, should be ${sha256}`,
            next: 'download or create the bundle again, then run again',
          }),
        )
    },
  })
  source.once('error', (error) => through.destroy(error))
  // it may fail before anybody reads it; whoever reads it then is told all the same
  through.on('error', () => {})
  // whoever gives up reading gives up the file as well
  through.once('close', () => source.destroy())
  return source.pipe(through)
}
