import { type Readable, Transform } from 'node:stream'

/** `source` passed on unchanged, with the number of bytes gone through so far told after each chunk. */
export function counted(source: Readable, onBytes: (total: number) => void): Readable {
  let total = 0
  const counter = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length
      onBytes(total)
      done(null, chunk)
    },
  })
  source.once('error', (error) => counter.destroy(error))
  // it may fail before anybody reads it; whoever reads it then is told all the same
  counter.on('error', () => {})
  // whoever gives up reading gives up the file as well
  counter.once('close', () => source.destroy())
  return source.pipe(counter)
}
