import { openBundle } from '../bundle/bundle.js'
import { checkContents } from '../bundle/check-contents.js'
import { cannotBeTrusted, verifyBundle } from '../bundle/verify-bundle.js'
import { print } from '../ui/screen.js'
import { directoryPositional, namedBundle } from './bundle-directory.js'
import { type Command, inventoryOption } from './command.js'

export const bundleVerifyCommand: Command = {
  name: 'verify [directory]',
  about:
    'Check every file of a bundle: its digest, and what is in it; without a directory also binaries.sha256 of the inventory.',
  example: 'kubestrap bundle verify ./bundle',
  options: inventoryOption,
  positionals: directoryPositional,
  run: async (values) => {
    const named = await namedBundle(values)
    const bundle = await openBundle(named.directory, named.sha256)
    await verifyBundle(bundle)
    const wrong = await checkContents(bundle)
    if (wrong.length > 0) throw cannotBeTrusted(bundle, wrong)
    const { binaries, images, packages = [] } = bundle.manifest
    const brought = packages.flatMap((system) => system.packages).length
    const also = packages.length === 0 ? '' : `, and ${brought} packages`
    const pinned = named.sha256 === undefined ? '' : ', as the inventory names it'
    print(
      `${bundle.directory} is whole: ${binaries.length} programs and ${images.length} images${also}${pinned}\nSHA-256 of bundle.json: ${bundle.sha256}\n`,
    )
    return 0
  },
}
