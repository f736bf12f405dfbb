import type { Host } from '../host/host.js'
import { ledgerFile } from '../host/ledger-script.js'
import { messageOf, UserError } from '../lib/errors.js'
import { type LedgerEntry, parseLedgerLine } from './ledger-line.js'

export type { LedgerEntry } from './ledger-line.js'

/**
 * Entries of a ledger's text: the first of each subject, but the last `wrote`. A last line that was cut
 * in the middle is left out: what it was to announce was not made. Throws an Error on a line that is none:
 * what follows from it would be removed or emptied.
 */
export function parseLedger(text: string): LedgerEntry[] {
  const entries = new Map<string, LedgerEntry>()
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const [i, line] of lines.slice(0, -1).entries()) {
    let entry: LedgerEntry | undefined
    try {
      entry = parseLedgerLine(line)
    } catch (error) {
      throw new Error(`line ${i + 1}: ${messageOf(error)}`, {
        cause: error,
      })
    }
    if (entry === undefined) continue
    const key = `${entry.kind} ${entry.subject}`
    if (entry.kind === 'wrote' || !entries.has(key)) entries.set(key, entry)
  }
  return [...entries.values()]
}

/** What the ledger of a machine says; [] where kubestrap never was. Throws UserError('step') when it is not one. */
export async function readLedger(host: Host): Promise<LedgerEntry[]> {
  const answer = await host.read({
    what: `read ${ledgerFile}`,
    script: 'if [ -e "$1" ]; then cat -- "$1" || exit 1; fi; echo @end',
    args: [ledgerFile],
  })
  const text = answer.stdout.toString()
  if (answer.code !== 0 || !text.endsWith('@end\n'))
    throw new Error(`cannot read ${ledgerFile}: ${answer.stderr}`)
  try {
    return parseLedger(text.slice(0, -'@end\n'.length))
  } catch (error) {
    throw new UserError('step', `${ledgerFile} is not a ledger of kubestrap's, so nothing is removed by it`, {
      host: host.name,
      why: messageOf(error),
      next: 'look at the line; remove it if nothing of the host stands behind it, and run kubestrap reset again',
    })
  }
}
