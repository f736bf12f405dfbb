import type { FileState } from '../../host/host.js'
import { isHostsTemplate } from '../../resources/cloud-hosts.js'
import { withBlock } from '../../resources/edit-file.js'
import { fstabWithSwap } from '../../resources/swap-off.js'

/** What becomes of a file that was the user's and that kubestrap edited. */
export type Undo =
  | { kind: 'nothing' }
  /** It is as we left it: what was there before comes back. */
  | { kind: 'restore' }
  | { kind: 'remove' }
  /** Somebody went on from our edit: our part goes, theirs stays. */
  | { kind: 'write'; before: string; after: string; mode: string; owner: string }
  /** Ours and theirs cannot be told apart. */
  | { kind: 'leave' }

/** How our part is taken out of a file by itself. */
const takeOut: Readonly<Record<string, (text: string) => string>> = {
  '/etc/hosts': (text) => withBlock(text, []),
  '/etc/fstab': fstabWithSwap,
}

/**
 * Decides what becomes of an edited file. Pure.
 * @param created whether there was none before our first edit
 * @param wrote SHA-256 of what we left there last
 * @param now the file
 * @param before the copy taken before our first edit
 */
export function undoEdit(
  path: string,
  { created, wrote }: { created: boolean; wrote: string | undefined },
  now: FileState,
  before: FileState,
): Undo {
  if (now.kind !== 'file') return { kind: 'nothing' }
  if (before.kind === 'file' && now.sha256 === before.sha256) return { kind: 'nothing' }
  if (now.sha256 === wrote) return { kind: created ? 'remove' : 'restore' }
  const text = now.content?.toString()
  const own = takeOut[path] ?? (isHostsTemplate(path) ? takeOut['/etc/hosts'] : undefined)
  if (text === undefined || own === undefined) return { kind: 'leave' }
  const after = own(text)
  if (after === text) return { kind: 'nothing' }
  if (after === '' && created) return { kind: 'remove' }
  return { kind: 'write', before: text, after, mode: now.mode, owner: now.owner }
}
