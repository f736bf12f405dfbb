import { createHash } from 'node:crypto'
import type { Offline, PackageFile } from '../offline.js'
import { installBrought, neededFiles } from './install.js'

/**
 * What a directory must have to be the only repository of an apt that is called with its apt.conf: lists and caches of the
 * host stay as they are. [trusted=yes] is for this directory alone: each file is held to the digest in Packages, and that
 * to the one in Release. With all packages at hand but no repository, a conflict would be solved by a removal: refused.
 */
function repository(
  directory: string,
  packages: readonly PackageFile[],
): readonly { path: string; content: string }[] {
  const index = packages.map(stanza).join('\n')
  const digest = createHash('sha256').update(index).digest('hex')
  const conf = [
    `Dir::Etc::sourcelist "${directory}/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    `Dir::State::Lists "${directory}/lists";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    'APT::Get::Remove "false";',
    // the host's pin is for releases that are not here
    'APT::Default-Release "";',
    // hooks are about the host's own lists
    '#clear APT::Update::Pre-Invoke;',
    '#clear APT::Update::Post-Invoke;',
    '#clear APT::Update::Post-Invoke-Success;',
  ]
  return [
    { path: `${directory}/apt.conf`, content: `${conf.join('\n')}\n` },
    { path: `${directory}/sources.list`, content: `deb [trusted=yes] file:${directory} ./\n` },
    { path: `${directory}/Packages`, content: index },
    {
      path: `${directory}/Release`,
      content: `Suite: bundle\nSHA256:\n ${digest} ${Buffer.byteLength(index)} Packages\n`,
    },
  ]
}

/** Of a Packages file (deb822(5)). */
function stanza(one: PackageFile): string {
  const { name, version, arch, control, size, sha256 } = one
  const lines = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${arch}`,
    ...Object.entries(control).map(([field, value]) => `${field}: ${value}`),
    `Filename: ./${fileOf(one)}`,
    `Size: ${size}`,
    `SHA256: ${sha256}`,
  ]
  return `${lines.join('\n')}\n`
}

/** NAME_VERSION_ARCHITECTURE.deb, with what stands for a colon (apt-pkg/acquire-item.cc: %3a). */
const named =
  (colon: string, tilde: string) =>
  ({ name, version, arch }: Pick<PackageFile, 'name' | 'version' | 'arch'>): string =>
    `${name}_${version.replaceAll(':', colon).replaceAll('~', tilde)}_${arch}.deb`

const fileOf = named('@', '@')

/** Installing from a directory, by apt. */
export const offline: Offline = {
  repository,
  neededFiles,
  nameOf: named('%3a', '~'),
  fileOf,
  installPackages: installBrought,
}
