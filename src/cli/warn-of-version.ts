import type { ClusterSpec } from '../inventory/spec.js'
import { versionNotes } from '../kubernetes/releases/version-notes.js'
import type { Reporting } from './reporting.js'

/** Warns where nobody has tried the inventory's Kubernetes version yet. */
export function warnOfVersion(
  { version }: Pick<ClusterSpec, 'version'>,
  { emit, now }: Pick<Reporting, 'emit' | 'now'>,
): void {
  for (const text of versionNotes(version)) emit({ type: 'message', at: now(), level: 'warning', text })
}
