import { homedir } from 'node:os'
import { known } from '../catalog.js'
import { loadInventory } from '../inventory/load.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { text } from './command.js'

/** The inventory the command line names. */
export function inventoryOf(values: Record<string, unknown>): Promise<ClusterSpec> {
  return loadInventory(text(values, 'inventory'), homedir(), known)
}
