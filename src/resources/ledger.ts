import type { Host } from '../host/host.js'
import { type LedgerKind, ledgerFile } from '../host/ledger-script.js'

/** One thing kubestrap put on a machine; see host/ledger-script.ts. */
export interface LedgerEntry {
  kind: LedgerKind
  subject: string
  /** created|replaced for files and edits, a digest for `wrote`, else ''. */
  detail: string
}

/**
 * Entries of a ledger's text: the first of each subject, but the last `wrote`. A last line that was cut
 * in the middle is left out: what it was to announce was not made.
 */
export function parseLedger(text: string): LedgerEntry[] {
  const entries = new Map<string, LedgerEntry>()
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [kind, subject, detail = ''] = line.split('\t')
    if (!isKind(kind) || !subject) continue
    const key = `${kind} ${subject}`
    if (kind === 'wrote' || !entries.has(key)) entries.set(key, { kind, subject, detail })
  }
  return [...entries.values()]
}

/** What the ledger of a machine says; [] where kubestrap never was. */
export async function readLedger(host: Host): Promise<LedgerEntry[]> {
  const answer = await host.read({ script: '[ ! -e "$1" ] || cat -- "$1"', args: [ledgerFile] })
  if (answer.code !== 0) throw new Error(`cannot read ${ledgerFile}: ${answer.stderr}`)
  return parseLedger(answer.stdout.toString())
}

const kinds: Readonly<Record<LedgerKind, true>> = {
  file: true,
  edit: true,
  directory: true,
  tree: true,
  wrote: true,
  package: true,
  image: true,
  enabled: true,
  disabled: true,
  masked: true,
}

function isKind(word: string | undefined): word is LedgerKind {
  return word !== undefined && word in kinds
}
