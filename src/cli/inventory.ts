import { homedir } from 'node:os'
import { known } from '../catalog.js'
import { quote } from '../host/quote.js'
import { loadInventory } from '../inventory/load.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { defaultInventory, text } from './command.js'

/**
 * The inventory the command line names.
 * @param purpose 'look': for commands that only show it; nothing it names is run
 */
export function inventoryOf(
  values: Record<string, unknown>,
  purpose: 'connect' | 'look' = 'connect',
): Promise<ClusterSpec> {
  return loadInventory(text(values, 'inventory'), homedir(), known, purpose)
}

/** How to name that inventory again on a command line: ' -i FILE', or '' for the default. */
export function sameInventory(values: Record<string, unknown>): string {
  const file = text(values, 'inventory')
  if (file === defaultInventory) return ''
  return ` -i ${shellWord(file)}`
}

/** A path as a word of a command line that is shown. */
export const shellWord = (path: string): string => (/^[\w./-]+$/.test(path) ? path : quote(path))
