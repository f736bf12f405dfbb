import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { fileDigest } from '../lib/file-digest.js'
import type { Bundle, BundledProgram } from './bundle.js'
import { readElf } from './elf.js'
import type { BundleArch } from './manifest.js'

/**
 * A bundle that also has a program from a file of its own, which wins over one in it, for hosts of the program's own
 * architecture.
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
  const reason = (error: unknown): string => messageOf(error)
  const { isElf, arch } = await readElf(path).catch((error: unknown) => {
    throw cannot(reason(error))
  })
  if (!isElf) throw cannot('it is not a Linux program (ELF): an archive, a package or a script')
  const sha256 = await fileDigest(path)
  const { size } = await stat(path)
  const own = (wanted: string): BundledProgram => ({
    name,
    arch: arch ?? (wanted as BundleArch),
    file: path,
    fileSha256: sha256,
    fileSize: size,
    sha256,
    size,
    plain: true,
  })
  return {
    ...bundle,
    binary: (wanted, host) =>
      wanted === name && (arch === undefined || arch === host) ? own(host) : bundle.binary(wanted, host),
    path: (entry) => (isAbsolute(entry.file) ? entry.file : bundle.path(entry)),
  }
}
