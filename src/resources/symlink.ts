import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

/** A symbolic link `path` → `target`. A real file in its place is an error: it is somebody's. */
export function symlink(host: Host, path: string, target: string, needs?: readonly Need[]): Step<FileState> {
  return {
    id: `link:${path}`,
    title: path,
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: () => host.stat(path),
    diff: (state) => {
      if (state.kind === 'symlink' && state.target === target) return []
      if (state.kind !== 'absent' && state.kind !== 'symlink')
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
