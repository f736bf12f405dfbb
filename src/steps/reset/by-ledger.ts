import type { LedgerKind } from '../../host/ledger-script.js'
import type { LedgerEntry } from '../../resources/ledger.js'

/** What the ledger of a machine says, read when it is asked. */
export type Ledger = () => Promise<readonly LedgerEntry[]>

/**
 * What a step of reset finds on a machine by its ledger. Where that says nothing (of the kind), nothing is
 * kubestrap's: the machine is not looked at, and whatever runs there is somebody else's.
 */
export async function byLedger<T>(
  ledger: Ledger,
  nothing: T,
  look: (entries: readonly LedgerEntry[]) => Promise<T>,
  kind?: LedgerKind,
): Promise<T> {
  const entries = (await ledger()).filter((entry) => kind === undefined || entry.kind === kind)
  return entries.length === 0 ? nothing : look(entries)
}
