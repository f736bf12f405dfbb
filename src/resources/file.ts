import { createHash } from 'node:crypto'
import type { Change, ChangeKind, Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { Secret } from '../lib/secret.js'
import { effectsOf, forgetRestarts, readerFile, restartBecomesDue } from './marks.js'
import { textDiff } from './text-diff.js'

export interface FileWish {
  path: string
  /** A function when it holds late values: called in diff and apply, may throw NotYet. */
  content: string | Secret | (() => string | Secret)
  title?: string
  /** Four octal digits. Default "0644", "0600" for a Secret given directly. */
  mode?: string
  owner?: string
  directoryMode?: string
  /** Units and static pods that read it: they restart when it changes. See `service`. */
  marks?: readonly string[]
  /** What lies there may hold a key, always or where the text has signs of one: it is not shown, though ours holds none. */
  hideOld?: true | ((old: string) => boolean)
  /** A directory that is ours as a whole and that it lies in. */
  tree?: `/${string}`
  needs?: readonly Need[]
}

/** A file with exactly this content, mode and owner; written atomically. Contents of secrets are never shown. */
export function file(host: Host, wish: FileWish): Step<FileState> {
  const content = (): string | Secret => (typeof wish.content === 'function' ? wish.content() : wish.content)
  const mode = wish.mode ?? (wish.content instanceof Secret ? '0600' : '0644')
  const owner = wish.owner ?? 'root:root'
  return {
    id: `file:${wish.path}`,
    title: wish.title ?? wish.path,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    ...(wish.marks ? { marks: wish.marks } : {}),
    probe: () => host.stat(wish.path, { content: true }),
    diff: (state) => fileChanges(host.name, wish, state, content(), mode, owner),
    unshown: unshownOf,
    learn: (_, changes) => {
      if (changes.length > 0) restartBecomesDue(host, wish.marks ?? [])
    },
    forget: () => forgetRestarts(host, wish.marks ?? []),
    apply: () =>
      host.write({
        path: wish.path,
        content: content(),
        mode,
        owner,
        ...(wish.directoryMode ? { directoryMode: wish.directoryMode } : {}),
        ...(wish.marks ? { marks: wish.marks } : {}),
        ...(wish.tree ? { ledger: wish.tree } : {}),
      }),
  }
}

/** Which content a file has, where a diff may not say it. */
export const unshownOf = (state: FileState): string =>
  state.kind === 'file' ? `${state.sha256} ${state.mode} ${state.owner}` : state.kind

function fileChanges(
  host: string,
  wish: FileWish,
  state: FileState,
  content: string | Secret,
  mode: string,
  owner: string,
): Change[] {
  const { path } = wish
  const text = content instanceof Secret ? content.reveal() : content
  // what runs by this very file does not run yet
  const read = (wish.marks ?? []).filter((mark) => state.kind !== 'absent' || readerFile(mark) !== path)
  const effects = effectsOf(read)
  const change = (kind: ChangeKind, summary: string, diff?: string): Change => ({
    kind,
    summary,
    ...(diff ? { diff } : {}),
    ...(effects.length > 0 ? { effects } : {}),
  })
  if (state.kind === 'directory' || state.kind === 'other')
    throw new UserError('step', `${path} is a ${state.kind === 'other' ? 'special file' : state.kind}`, {
      host,
      next: `move it away; kubestrap manages a file there`,
    })
  if (state.kind !== 'file')
    return [
      change(
        state.kind === 'absent' ? 'create' : 'update',
        state.kind === 'absent' ? `write ${path}` : `replace the link ${path} → ${state.target} with a file`,
        content instanceof Secret ? undefined : textDiff(path, undefined, text),
      ),
    ]
  if (state.sha256 !== createHash('sha256').update(text).digest('hex')) {
    const old = state.content?.toString()
    const hidden = typeof wish.hideOld === 'function' ? wish.hideOld(old ?? '') : wish.hideOld
    const shown = content instanceof Secret || hidden ? undefined : textDiff(path, old, text)
    return [change('update', `change ${path}`, shown)]
  }
  if (state.mode !== mode || state.owner !== owner)
    return [change('access', `set ${path} to ${mode} ${owner} (is ${state.mode} ${state.owner})`)]
  return []
}
