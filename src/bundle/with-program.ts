import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { UserError } from '../lib/errors.js'
import type { Bundle, BundledProgram } from './bundle.js'

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

/**
 * A bundle that also has a program from a file of its own, which wins over one in it.
 * @param path absolute; the program itself, not an archive or package with it
 * @param at where the inventory names it
 * Throws UserError('inventory') when there is none.
 */
export async function withProgram(bundle: Bundle, name: string, path: string, at: string): Promise<Bundle> {
  const cannot = (why: string): UserError =>
    new UserError('inventory', `${path} is not ${name}`, {
      why: `${why} (${at})`,
      next: `name the program itself, extracted from the archive of its release`,
    })
  const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
  const head = await headOf(path).catch((error: unknown) => {
    throw cannot(reason(error))
  })
  if (!head.equals(elf)) throw cannot('it is not a Linux program (ELF): an archive, a package or a script')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  const sha256 = hash.digest('hex')
  const { size } = await stat(path)
  const own: BundledProgram = {
    name,
    file: path,
    fileSha256: sha256,
    fileSize: size,
    sha256,
    size,
    plain: true,
  }
  return {
    ...bundle,
    binary: (wanted) => (wanted === name ? own : bundle.binary(wanted)),
    path: (entry) => (isAbsolute(entry.file) ? entry.file : bundle.path(entry)),
  }
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(elf.length), 0, elf.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
