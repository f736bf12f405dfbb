import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

interface LinkState {
  state: FileState
  /** "FILE PATH" of each file that was unpacked. */
  unpacked: readonly string[]
}

/**
 * A symbolic link `path` → `target`. A real file in its place is an error: it is somebody's.
 * @param record a file with what kubestrap unpacked ("ARCHIVE FILE PATH" a line, digests): that is replaced
 */
export function symlink(
  host: Host,
  path: string,
  target: string,
  needs?: readonly Need[],
  record?: string,
): Step<LinkState> {
  return {
    id: `link:${path}`,
    title: path,
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: async () => {
      const [state, noted] = await Promise.all([
        host.stat(path),
        record && host.stat(record, { content: true }),
      ])
      const lines = noted && noted.kind === 'file' ? (noted.content?.toString().split('\n') ?? []) : []
      return { state, unpacked: lines.map((line) => line.slice(line.indexOf(' ') + 1)) }
    },
    diff: ({ state, unpacked }) => {
      if (state.kind === 'symlink' && state.target === target) return []
      const isOurs = state.kind === 'file' && unpacked.includes(`${state.sha256} ${path}`)
      if (state.kind !== 'absent' && state.kind !== 'symlink' && !isOurs)
        throw new UserError('step', `${path} exists and is not a link`, {
          host: host.name,
          next: `move it away if it is not needed; kubestrap creates a link to ${target} there`,
        })
      return [{ kind: 'update', summary: `link ${path} → ${target}` }]
    },
    apply: async () => {
      // a link is made beside and renamed over: ln -sfn removes first, and a cut would leave nothing
      await host.mutate({
        what: `link ${path}`,
        script: 'mkdir -p "$(dirname "$1")" && ln -s "$2" "$1.kubestrap-$$" && mv -T "$1.kubestrap-$$" "$1"',
        args: [path, target],
        ledger: [`file ${path}`],
        timeoutMs: 10_000,
      })
    },
  }
}
