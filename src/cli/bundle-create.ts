import { resolve } from 'node:path'
import { openBundle } from '../bundle/bundle.js'
import { type BundleArch, bundleArches } from '../bundle/manifest.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { duration } from '../ui/format.js'
import { print, tell } from '../ui/screen.js'
import { createBundle } from '../workflows/bundle/create-bundle.js'
import { openPackageHosts } from '../workflows/bundle/os-packages/hosts.js'
import { bundleDirectoryOf, directoryPositional, writtenPath } from './bundle-directory.js'
import { type Command, inventoryOption, text } from './command.js'
import { inventoryOf } from './inventory.js'

export const bundleCreateCommand: Command = {
  name: 'create [directory]',
  about:
    'Download the programs and images that an inventory needs into a bundle; with --os-packages also packages of the distribution.',
  example: 'kubestrap bundle create -i inventory.yaml --arch amd64,arm64',
  options: {
    ...inventoryOption,
    arch: {
      type: 'string',
      default: 'amd64',
      describe: 'architectures of the hosts, with commas: amd64, arm64',
      requiresArg: true,
    },
    'os-packages': {
      type: 'boolean',
      default: false,
      describe:
        'add packages of the distribution with their dependencies: a host of each system in the inventory downloads them (Debian, Ubuntu)',
    },
    'packages-from': {
      type: 'string',
      describe:
        'with --os-packages: the hosts that packages are taken from, with commas; default: control plane nodes',
      requiresArg: true,
    },
    replace: {
      type: 'boolean',
      default: false,
      describe: 'replace a bundle with other contents that is in the directory',
    },
  },
  positionals: directoryPositional,
  run: async (values) => {
    const arches = archesIn(text(values, 'arch'))
    const spec = await inventoryOf(values, 'connect')
    const directory =
      text(values, 'directory') === '' ? bundleDirectoryOf(spec) : resolve(text(values, 'directory'))
    const began = performance.now()
    const say = (line: string): void => tell(`[${duration(performance.now() - began).padStart(6)}] ${line}\n`)
    tellDefaults(spec, say)
    const packagesFrom =
      values['os-packages'] === true ? await openPackageHosts(spec, namesIn(values)) : undefined
    const done = await createBundle(spec, {
      directory,
      arches,
      replace: values.replace === true,
      ...(packagesFrom ? { packagesFrom } : {}),
      say,
    }).finally(() => packagesFrom?.close())
    const { sha256 } = await openBundle(directory)
    say(
      done === 'created'
        ? `bundle created: ${directory}`
        : `bundle exists: ${directory}; nothing was changed`,
    )
    print(linesFor(spec, directory, sha256))
    return 0
  },
}

/** The hosts of --packages-from; none where it is not given. */
function namesIn(values: Parameters<Command['run']>[0]): string[] {
  return text(values, 'packages-from')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}

/** Throws UserError('usage'). */
export function archesIn(given: string): BundleArch[] {
  const words = given.split(',').map((word) => word.trim())
  const wrong = words.find((word) => !bundleArches.some((arch) => arch === word))
  if (wrong !== undefined)
    throw new UserError('usage', `--arch ${given} is not a list of architectures`, {
      why: wrong === '' ? 'a name is missing' : `${wrong} is not known`,
      next: `use ${bundleArches.join(', ')}, with commas between them`,
    })
  return bundleArches.filter((arch) => words.includes(arch))
}

/** No host is asked: what an existing cluster has in the place of defaults is not known here. */
function tellDefaults(spec: ClusterSpec, say: (line: string) => void): void {
  const values = {
    'kubernetes.version': spec.version,
    runtime: spec.runtime,
    network: spec.network,
  }
  const left = spec.unset.map((choice) => `${choice} ${values[choice]}`).join(', ')
  if (left !== '')
    say(`keys that the inventory leaves out: ${left}; an existing cluster may have others: set them`)
  if (spec.sources.kubernetes === 'packages')
    say(
      'sources.kubernetes is packages: hosts take only images from a bundle; use sources: { kubernetes: bundle }',
    )
  const { runtime, cniPlugins } = spec.sources
  const own = [
    ...(runtime === 'download' ? ['sources.runtime'] : []),
    ...(cniPlugins === 'download' ? ['sources.cniPlugins'] : []),
    ...(spec.etcd.install.from === 'download' ? ['etcd.install'] : []),
  ]
  if (own.length > 0)
    say(`${own.join(', ')}: download: hosts download that themselves, it is not in the bundle yet`)
}

/** What to write into the inventory. */
function linesFor(spec: ClusterSpec, directory: string, sha256: string): string {
  const { binaries, at } = spec
  if (binaries.bundle === directory && binaries.sha256 === sha256) return 'The inventory names this bundle.\n'
  const path = writtenPath(spec, directory)
  const where =
    binaries.bundle === undefined ? 'Put into the inventory' : `Put into the inventory (${at('binaries')})`
  return `${where}:\n\nbinaries:\n  bundle: ${JSON.stringify(path)}\n  sha256: "${sha256}"\n`
}
