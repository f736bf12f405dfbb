import { openBundle } from '../bundle/bundle.js'
import { archesOf } from '../bundle/manifest.js'
import { table } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'
import { systemOf } from '../workflows/bundle/os-packages/wishes.js'
import { directoryPositional, namedBundle } from './bundle-directory.js'
import { type Command, inventoryOption } from './command.js'

export const bundleShowCommand: Command = {
  name: 'show [directory]',
  about: 'Print what a bundle has, by its bundle.json; bundle verify checks the files.',
  example: 'kubestrap bundle show ./bundle -o json',
  options: {
    ...inventoryOption,
    output: { alias: 'o', choices: ['plain', 'json'], default: 'plain', describe: 'json: one object' },
  },
  positionals: directoryPositional,
  run: async (values) => {
    const { directory } = await namedBundle(values)
    const { manifest, sha256 } = await openBundle(directory)
    const { kubernetesVersion, binaries, images, packages = [] } = manifest
    const architectures = archesOf(manifest)
    if (values.output === 'json') {
      printJson(
        { directory, sha256, kubernetesVersion, architectures, programs: binaries, images, packages },
        2,
      )
      return 0
    }
    const programs = binaries.map((one) => [
      one.name,
      isOfKubernetes(one.name) ? kubernetesVersion : '-',
      one.arch,
      size(one.fileSize),
      one.sha256,
    ])
    const pulled = images.map((one) => [one.reference, one.needs, one.arch, size(one.fileSize), one.id])
    const brought = packages.flatMap((system) =>
      system.packages.map((one) => [
        one.name,
        one.version,
        systemOf(system),
        size(one.fileSize),
        one.fileSha256,
      ]),
    )
    print(
      [
        `Kubernetes ${kubernetesVersion} for ${architectures.join(', ')}`,
        `SHA-256 of bundle.json (binaries.sha256): ${sha256}`,
        '',
        table([['PROGRAM', 'VERSION', 'ARCH', 'SIZE', 'SHA-256'], ...programs]),
        '',
        table([['IMAGE', 'FOR', 'ARCH', 'SIZE', 'ID'], ...pulled]),
        '',
        ...(brought.length > 0
          ? [table([['PACKAGE', 'VERSION', 'SYSTEM', 'SIZE', 'SHA-256'], ...brought]), '']
          : []),
      ].join('\n'),
    )
    return 0
  },
}

/** Programs of a Kubernetes release have its version; bundle.json has no version of others. */
const isOfKubernetes = (name: string): boolean => ['kubelet', 'kubectl', 'kubeadm'].includes(name)

const size = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
