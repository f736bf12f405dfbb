import type { Change, Need, Step } from '../engine/step.js'
import type { FileState, Host, Read } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { unshownOf } from './file.js'
import { effectsOf, forgetRestarts, restartBecomesDue } from './marks.js'
import { textDiff } from './text-diff.js'

export interface Edit {
  path: string
  /** Tells two edits of one file apart. Default "edit:PATH". */
  id?: string
  title?: string
  /** Pure and idempotent: the text as it should be. Gets '' where there is no file. May throw NotYet. */
  edit(text: string, beside: string): string
  /** Asked together with the file, for what the edit depends on besides; what it prints is `beside`. */
  beside?: Pick<Read, 'script' | 'args'>
  /** Units that read it and restart when it changes. */
  marks?: readonly string[]
  needs?: readonly Need[]
  /** A conflict must stop the run before anything is changed; see Step.guards. */
  guards?: true
  /** The ledger knows it already, as a file of ours. */
  ours?: true
}

/** The file, and what was asked besides. */
export type EditState = FileState & { beside?: string }

/** A file that is the user's, of which kubestrap keeps a part; its mode and owner stay as they are. */
export function editFile(host: Host, wish: Edit): Step<EditState> {
  const textOf = (state: FileState): string => {
    if (state.kind === 'absent') return ''
    const text = state.kind === 'file' ? state.content?.toString() : undefined
    // what was not seen whole must not be written back
    if (text !== undefined && state.kind === 'file' && state.content?.equals(Buffer.from(text))) return text
    const what =
      state.kind === 'file'
        ? text === undefined
          ? 'larger than 1 MiB'
          : 'not UTF-8 text'
        : `a ${state.kind}`
    throw new UserError('step', `${wish.path} is ${what}, and kubestrap edits text files only`, {
      host: host.name,
      next: 'replace it with a text file, or make the edit by hand',
    })
  }
  return {
    id: wish.id ?? `edit:${wish.path}`,
    title: wish.title ?? wish.path,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    ...(wish.guards ? { guards: true } : {}),
    ...(wish.marks ? { marks: wish.marks } : {}),
    probe: async () => {
      const { beside } = wish
      const [state, answer] = await Promise.all([
        host.stat(wish.path, { content: true }),
        beside && host.read(beside),
      ])
      if (answer && answer.code !== 0)
        throw new UserError('step', `cannot look at what ${wish.path} depends on`, {
          host: host.name,
          why: answer.stderr,
        })
      return { ...state, ...(answer ? { beside: answer.stdout.toString() } : {}) }
    },
    diff: (state): Change[] => {
      const before = textOf(state)
      const after = wish.edit(before, state.beside ?? '')
      if (after === before) return []
      const old = state.kind === 'file' ? before : undefined
      const effects = effectsOf(wish.marks ?? [])
      return [
        {
          kind: 'update',
          summary: `edit ${wish.path}`,
          diff: textDiff(wish.path, old, after),
          effects,
        },
      ]
    },
    unshown: unshownOf,
    learn: (_, changes) => {
      if (changes.length > 0) restartBecomesDue(host, wish.marks ?? [])
    },
    forget: () => forgetRestarts(host, wish.marks ?? []),
    apply: (_, { observed }) =>
      host.write({
        path: wish.path,
        content: wish.edit(textOf(observed), observed.beside ?? ''),
        ledger: wish.ours ? 'file' : 'edit',
        ...(wish.marks ? { marks: wish.marks } : {}),
        ...(observed.kind === 'file' ? { mode: observed.mode, owner: observed.owner } : { mode: '0644' }),
      }),
  }
}

const begin = '# BEGIN kubestrap'
const end = '# END kubestrap'

/**
 * `text` with kubestrap's marked block holding `lines`; with no lines the block goes. What the user
 * wrote around it stays byte for byte, apart from a line feed added to an unfinished last line.
 */
export function withBlock(text: string, lines: readonly string[]): string {
  // a block never reaches over the beginning of another: an unclosed one is a line of the user's like any
  // lines end with a line feed alone: to ^, $ and . of a pattern U+2028 and others end one too
  const pattern = new RegExp(`(?<![^\\n])${begin}\\n(?:(?!${begin})[^\\n]*\\n)*?${end}(?:\\n|(?![^]))`)
  const block = lines.length === 0 ? '' : [begin, ...lines, end, ''].join('\n')
  if (pattern.test(text)) return text.replace(pattern, () => block)
  if (block === '') return text
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`
}
