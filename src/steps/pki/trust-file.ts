import type { Step } from '../../engine/step.js'
import type { FileState, Host } from '../../host/host.js'
import { type TrustList, trustListOf, trustsAll, trustText } from '../../pki/trust.js'
import { type FileWish, file } from '../../resources/file.js'

/**
 * A file with the certificates by which an authority is known, in the cluster's order. One that has them all stays as it
 * is, also with others: while a CA is rotated it may be ahead of the control planes.
 */
export function trustFile(
  host: Host,
  { trusted, ...wish }: Omit<FileWish, 'content'> & { trusted(): TrustList },
): Step<FileState> {
  const stepFor = (state: FileState): Step<FileState> =>
    file(host, {
      ...wish,
      content: () => {
        const text = state.kind === 'file' ? state.content?.toString() : undefined
        return text !== undefined && suffices(text, trusted()) ? text : trustText(trusted())
      },
    })
  const { id, title, target, needs, probe } = file(host, { ...wish, content: '' })
  return {
    id,
    title,
    target,
    ...(needs ? { needs } : {}),
    probe,
    diff: (state) => stepFor(state).diff(state),
    learn: (state, changes) => stepFor(state).learn?.(state, changes),
    apply: (changes, how) => stepFor(how.observed).apply(changes, how),
  }
}

function suffices(text: string, trusted: TrustList): boolean {
  try {
    return trustsAll(trustListOf(text), trusted)
  } catch {
    return false
  }
}
