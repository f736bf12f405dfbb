import { UserError } from '../../lib/errors.js'
import { type DecodeOptions, decodeInventory } from '../decode.js'
import { InventoryError } from '../problem.js'
import type { ClusterSpec } from '../spec.js'
import type { Draft } from './draft.js'
import { draftText } from './draft-text.js'

/**
 * The text of a draft and what it means, read by the decoder that every other command reads inventories with: nothing
 * that it refuses is written. Throws UserError('usage') with its problems.
 */
export function checkedText(draft: Draft, options: DecodeOptions): { text: string; spec: ClusterSpec } {
  const text = draftText(draft)
  try {
    return { text, spec: decodeInventory(text, options) }
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error
    throw new UserError('usage', 'these hosts and options do not make a valid inventory', {
      why: error.problems.map(({ what, write }) => `${what}\n  → ${write}`).join('\n'),
      next: 'change the options; nothing was written',
      cause: error,
    })
  }
}
