import { inventoryJsonSchema } from '../inventory/schema/schema.js'
import { versionNotes } from '../kubernetes/releases/version-notes.js'
import { print, printJson } from '../ui/screen.js'
import { type Command, inventoryOption } from './command.js'
import { inventoryOf } from './inventory.js'
import { inventoryShowCommand } from './inventory-show.js'

export const inventoryCommand: Command = {
  name: 'inventory',
  about: 'Validate an inventory, show the settings of a host, or print the JSON Schema.',
  example: 'kubestrap inventory validate -i inventory.yaml',
  run: async () => 0,
  children: [
    inventoryShowCommand,
    {
      name: 'validate',
      about: 'Report every problem of an inventory, with its place; nothing is changed.',
      example: 'kubestrap inventory validate -i inventory.yaml',
      options: inventoryOption,
      run: async (values) => {
        const spec = await inventoryOf(values, 'look')
        print(`${values.inventory} is valid: Kubernetes ${spec.version}, ${spec.hosts.length} hosts
`)
        for (const note of versionNotes(spec.version)) print(`note: ${note}\n`)
        return 0
      },
    },
    {
      name: 'schema',
      about: 'Print the JSON Schema, for editors.',
      example: 'kubestrap inventory schema > schema.json',
      run: async () => {
        printJson(inventoryJsonSchema(), 2)
        return 0
      },
    },
  ],
}
