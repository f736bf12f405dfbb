import { resolve } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { decodeInventory } from './decode.js'
import type { Known } from './known.js'
import { readInventoryFile } from './read-file.js'
import type { ClusterSpec } from './spec.js'
import { thisWorld } from './ssh-config/world.js'

/**
 * Reads and decodes an inventory file, with the SSH configuration of this machine.
 * @param purpose 'look': nothing that the inventory or the SSH configuration names is run
 * Throws UserError('inventory') or InventoryError.
 */
export async function loadInventory(
  file: string,
  home: string,
  known: Known,
  purpose: 'connect' | 'look' = 'connect',
): Promise<ClusterSpec> {
  let text: string
  try {
    text = readInventoryFile(file, 'any')
  } catch (error) {
    throw new UserError('inventory', `cannot read ${file}`, {
      why: messageOf(error),
      next: 'name the inventory with -i FILE, or write one: kubestrap new; examples are in inventories/',
      cause: error,
    })
  }
  return decodeFile(text, file, home, known, purpose)
}

/** Decodes a text as the one of an inventory file; see loadInventory. */
export function decodeFile(
  text: string,
  file: string,
  home: string,
  known: Known,
  purpose: 'connect' | 'look',
): ClusterSpec {
  return decodeInventory(text, {
    file: resolve(file),
    label: file,
    home,
    known,
    readFile: (path) => readInventoryFile(path, 'regular'),
    sshWorld: thisWorld(purpose),
  })
}
