import { homedir } from 'node:os'
import { known } from '../catalog.js'
import { decodeFile } from '../inventory/load.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { mustLack, withoutHosts } from '../inventory/without-hosts.js'
import { UserError } from '../lib/errors.js'
import { editableText, editInventory } from '../operations/edit-inventory.js'
import { text } from './command.js'

/**
 * Takes hosts out of the inventory file that the command line names.
 * @returns check: the inventory that it will be; throws UserError('inventory') where it cannot be edited, or would be no
 * inventory any more. write: edits it as it then is.
 */
export function inventoryWithout(values: Record<string, unknown>, names: readonly string[]) {
  const file = text(values, 'inventory')
  const edited = (before: string): string => withoutHosts(before, names, file)
  return {
    check: async (): Promise<ClusterSpec> => {
      const after = decoded(edited(await editableText(file)), file, names)
      mustLack(after, names, file)
      return after
    },
    write: (): Promise<void> => editInventory(file, edited),
  }
}

function decoded(after: string, file: string, names: readonly string[]): ClusterSpec {
  try {
    return decodeFile(after, file, homedir(), known, 'look')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError('inventory', `without ${names.join(', ')} the inventory would not be valid`, {
      why: [error.message, error.why].filter(Boolean).join('\n'),
      next: 'edit the inventory by hand, and run without --edit-inventory',
      cause: error,
    })
  }
}
