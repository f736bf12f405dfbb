import { createHash } from 'node:crypto'
import { NotYet } from '../engine/late.js'
import type { Change, Step } from '../engine/step.js'
import { hostAuthorities } from '../host/authorities-script.js'
import type { FileState, Host } from '../host/host.js'
import type { OperatingSystem } from '../os/os.js'
import type { RepositoryWish } from '../os/repository.js'
import { textDiff } from './text-diff.js'

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
  /** Undefined where none is wanted. */
  authorities: FileState | undefined
}

/**
 * A repository that the package manager knows: its key, and the file that names both. The key is trusted before the
 * file is there, so that a cut leaves nothing that the next installation could stumble over; lists that were not read
 * are then read by that.
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
      const [keyState, definition, authorities, besides] = await Promise.all([
        host.stat(files.key),
        host.stat(path, { content: true }),
        files.authorities && host.stat(files.authorities.all),
        Promise.all(files.besides.map((file) => host.stat(file.path))),
      ])
      return { key: keyState, definition, authorities, besides }
    },
    diff: ({ key: keyState, definition, authorities, besides }): Change[] => {
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
      return changes
    },
    apply: async () => {
      if (key === undefined) throw new Error(`repository ${wish.name} is added without its key`)
      await host.write({ path: files.key, content: key, mode: '0644' })
      const run = (what: string, script: string) =>
        host.mutate({ what, script, args: [files.id, files.key], timeoutMs: 600_000 })
      await run(`trust the key of repository ${wish.name}`, os.trustKey)
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
      await run(`read repository ${wish.name}`, os.readRepository)
    },
  }
}

function has(state: FileState, text: string): boolean {
  return state.kind === 'file' && state.sha256 === createHash('sha256').update(text).digest('hex')
}
