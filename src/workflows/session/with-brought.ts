import type { Bundle } from '../../bundle/bundle.js'
import type { Connected } from '../../cluster/machine.js'
import { bringPackages } from '../../os/bring-packages.js'

/**
 * A machine for whose system the bundle has packages installs those, and asks none of its repositories; any other one stays as
 * it is.
 */
export function withBrought<One extends Connected>(machine: One, bundle: Bundle): One {
  const { os, facts } = machine
  const own = bundle.manifest.packages?.find(
    (one) =>
      one.os === facts.os.id &&
      one.version === facts.os.version &&
      one.arch === facts.arch &&
      one.format === os.packageFormat,
  )
  if (!own || !os.offline) return machine
  const packages = own.packages.map(({ file, fileSha256, fileSize, ...one }) => ({
    ...one,
    sha256: fileSha256,
    size: fileSize,
    path: bundle.path({ file }),
  }))
  return {
    ...machine,
    os: bringPackages(os, { system: `${own.os} ${own.version} for ${own.arch}`, packages }),
  }
}
