import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Characters of one file of an inventory; larger than any a person writes. */
export const maxFileLength = 1024 * 1024

/**
 * The text of a file of an inventory, hardly more of it than it may have: of a device, or of a log of gigabytes
 * named by a slip, not all is read. Throws what opening and reading throw.
 * @param kind 'regular': a pipe or a device, which may never answer, is refused
 */
export function readInventoryFile(path: string, kind: 'regular' | 'any'): string {
  // without O_NONBLOCK opening a pipe that nobody writes to waits for ever
  const file = openSync(path, constants.O_RDONLY | (kind === 'regular' ? constants.O_NONBLOCK : 0))
  try {
    if (kind === 'regular' && !fstatSync(file).isFile()) throw new Error(`${path} is not a regular file`)
    const limit = 4 * maxFileLength + 1
    const chunks: Buffer[] = []
    for (let length = 0; length < limit; ) {
      const chunk = Buffer.alloc(Math.min(256 * 1024, limit - length))
      const read = readSync(file, chunk)
      if (read === 0) break
      chunks.push(chunk.subarray(0, read))
      length += read
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    closeSync(file)
  }
}
