import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'

/** First bytes of what layers are compressed with (RFC 1952, RFC 8878). */
const gzip = Buffer.from([0x1f, 0x8b])
const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/**
 * Writes a layer without its compression: gzip, zstd, or none, by its first bytes. Throws what is wrong with it.
 * @param maxBytes no more is written: a few bytes may be terabytes
 * @returns digest of what was written, "sha256:…", and its size
 */
export async function unpackLayer(
  from: string,
  to: string,
  maxBytes: number,
): Promise<{ diffId: string; size: number }> {
  const head = await headOf(from)
  const hash = createHash('sha256')
  let size = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > maxBytes) return done(new Error(`more than ${maxBytes} bytes when unpacked`))
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const source = createReadStream(from, { highWaterMark: 256 * 1024 })
  const target = createWriteStream(to)
  if (head.subarray(0, 2).equals(gzip)) await pipeline(source, createGunzip(), counted, target)
  else if (head.equals(zstd)) await pipeline(source, unzstd(), counted, target)
  else await pipeline(source, counted, target)
  return { diffId: `sha256:${hash.digest('hex')}`, size }
}

/** node:zlib knows zstd from Node 22.15 on; kubestrap runs on 20. */
function unzstd(): Transform {
  const decoder = new Decompress()
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.push(chunk)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
    flush(done) {
      try {
        decoder.push(new Uint8Array(0), true)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
  })
  decoder.ondata = (data) => {
    // its window is used again
    if (data.length > 0) stream.push(Buffer.from(data))
  }
  return stream
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
