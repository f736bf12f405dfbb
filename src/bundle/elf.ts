import { open } from 'node:fs/promises'
import { messageOf, UserError } from '../lib/errors.js'
import type { BundleArch } from './manifest.js'

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

/** e_machine of an ELF header (elf.h: EM_X86_64, EM_AARCH64), which stands at byte 18. */
const machines: Readonly<Record<number, BundleArch>> = { 62: 'amd64', 183: 'arm64' }
const headLength = 20

/** What a file is by its first bytes: a Linux program, perhaps of a known architecture. Throws the error of the file. */
export async function readElf(path: string): Promise<{ isElf: boolean; arch: BundleArch | undefined }> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0)
    return {
      isElf: buffer.subarray(0, elf.length).equals(elf),
      arch: bytesRead < headLength ? undefined : machines[buffer.readUInt16LE(18)],
    }
  } finally {
    await file.close()
  }
}

/** The architecture of a program. Throws UserError('inventory') for a file that is none, or of another architecture. */
export async function programArch(path: string, name: string, at: string): Promise<BundleArch> {
  const next = 'name the program itself, extracted from the archive of its release'
  const found = await readElf(path).catch((error: unknown) => {
    const why = `${messageOf(error)} (${at})`
    throw new UserError('inventory', `${path} is not ${name}`, { why, next })
  })
  if (found.isElf && found.arch) return found.arch
  const what = found.isElf ? 'it is for another architecture' : 'it is not a Linux program (ELF)'
  throw new UserError('inventory', `${path} is not ${name}`, { why: `${what} (${at})`, next })
}
