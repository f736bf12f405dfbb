import type { Program } from '../sources/program.js'
import type { Bundle } from './bundle.js'

/**
 * A program of a bundle, as every source gives them. Throws UserError('inventory') when the bundle has none of this name for
 * the architecture.
 */
export function bundledProgram(bundle: Bundle, name: string, arch: string): Program {
  const entry = bundle.binary(name, arch)
  return {
    name,
    arch,
    sha256: entry.sha256,
    origin: { kind: 'file', path: bundle.path(entry), gzip: !entry.plain, size: entry.fileSize },
  }
}
