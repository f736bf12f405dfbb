import { createHash } from 'node:crypto'
import { NotYet } from '../engine/late.js'
import type { Change, Step } from '../engine/step.js'
import { hostAuthorities } from '../host/authorities-script.js'
import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import type { OperatingSystem } from '../os/os.js'
import type { RepositoryWish } from '../os/repository.js'
import { textDiff } from './text-diff.js'
import { beginRepository, readRepository, takeRepositoryBack, trustRepository, unreadPath } from './unread.js'

export const repositoryStepId = ({ name }: RepositoryWish): string => `repository:${name}`

/** "$2" has the host's authorities and those of the file "$1". */
const authoritiesScript = `${hostAuthorities}
umask 022
rm -f -- "$2.kubestrap"
{ host_authorities && cat -- "$1"; } >"$2.kubestrap" && mv -fT -- "$2.kubestrap" "$2"
`

interface RepositoryState {
  key: FileState
  definition: FileState
  besides: readonly FileState[]
  /** There: its lists were not read yet. */
  unread: FileState
  /** Undefined where none is wanted. */
  authorities: FileState | undefined
}

/**
 * A repository that the package manager knows and has read: its key, and the file that names both. One that cannot be read
 * at first, or not be trusted, is taken back: whatever was there before is there again. The key is trusted before the file
 * is there; a cut is noticed by the next run, which begins anew.
 * @param key armored; undefined where a command that only looks does not have it
 */
export function repository(
  host: Host,
  os: OperatingSystem,
  wish: RepositoryWish,
  key: string | undefined,
): Step<RepositoryState> {
  const files = os.repository(wish)
  const { path, content } = files.definition
  return {
    id: repositoryStepId(wish),
    title: `repository ${wish.name}`,
    target: host.name,
    probe: async () => {
      const [keyState, definition, authorities, besides, unread] = await Promise.all([
        host.stat(files.key),
        host.stat(path, { content: true }),
        files.authorities && host.stat(files.authorities.all),
        Promise.all(files.besides.map((file) => host.stat(file.path))),
        host.stat(unreadPath(files)),
      ])
      return { key: keyState, definition, authorities, besides, unread }
    },
    diff: ({ key: keyState, definition, authorities, besides, unread }): Change[] => {
      if (key === undefined && keyState.kind !== 'absent')
        throw new NotYet(`the key of repository ${wish.name}`)
      const old = definition.kind === 'file' ? definition.content?.toString() : undefined
      const changes: Change[] = []
      if (key === undefined || !has(keyState, key))
        changes.push({
          kind: 'update',
          subjects: ['key'],
          summary: `trust ${files.key} for repository ${wish.name}`,
        })
      for (const [i, file] of files.besides.entries())
        if (!has(besides[i] ?? { kind: 'absent' }, file.content))
          changes.push({ kind: 'update', subjects: [file.path], summary: `write ${file.path}` })
      if (files.authorities && authorities?.kind !== 'file')
        changes.push({
          kind: 'update',
          subjects: [files.authorities.all],
          summary: `write ${files.authorities.all}`,
        })
      if (!has(definition, content))
        changes.push({
          kind: definition.kind === 'absent' ? 'create' : 'update',
          subjects: ['definition'],
          summary: `${definition.kind === 'absent' ? 'add' : 'change'} repository ${wish.name} (${wish.url})`,
          diff: textDiff(path, old, content),
        })
      if (changes.length === 0 && unread.kind !== 'absent')
        changes.push({
          kind: 'update',
          subjects: ['lists'],
          summary: `read repository ${wish.name}, which an earlier run did not get to`,
        })
      return changes
    },
    apply: async () => {
      if (key === undefined) throw new Error(`repository ${wish.name} is added without its key`)
      let begun = false
      try {
        await host.mutate(beginRepository(os, files, wish))
        begun = true
        await host.write({ path: files.key, content: key, mode: '0644' })
        await host.mutate(trustRepository(os, files, wish))
        for (const file of files.besides) await host.write({ ...file, mode: '0644' })
        if (files.authorities)
          await host.mutate({
            what: `write ${files.authorities.all}`,
            script: authoritiesScript,
            args: [files.authorities.own, files.authorities.all],
            ledger: [`file ${files.authorities.all}`],
            timeoutMs: 10_000,
          })
        await host.write({ path, content, mode: '0644' })
        await host.mutate(readRepository(os, files, wish))
      } catch (error) {
        if (!(error instanceof UserError) || error.endsRun) throw error
        // what failed is told, also where this fails as well: the next run finds it unread
        const isBack = await host.mutate(takeRepositoryBack(os, files, wish)).then(
          () => true,
          () => false,
        )
        throw toldNext(error, wish, isBack ? (begun ? 'back' : 'not begun') : 'left')
      }
    },
  }
}

/** What is left on the host of one that could not be added. */
const lefts = {
  back: 'the repository was removed from the host again; one of that name that was there before is there as it was',
  'not begun': 'nothing of the repository was added',
  left: 'an unread repository may be left on the host: the next run takes it back',
}

const toldNext = (error: UserError, { url }: RepositoryWish, left: keyof typeof lefts): UserError =>
  error.next === undefined
    ? new UserError(error.kind, error.message, {
        ...(error.host === undefined ? {} : { host: error.host }),
        ...(error.why === undefined ? {} : { why: error.why }),
        next: `check ${url}, what it is signed with, and that the host reaches it; ${lefts[left]}`,
        cause: error,
      })
    : error

function has(state: FileState, text: string): boolean {
  return state.kind === 'file' && state.sha256 === createHash('sha256').update(text).digest('hex')
}
