import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'

/** A directory with this mode (four octal digits), owned by root. */
export function directory(host: Host, path: string, mode = '0755', needs?: readonly Need[]): Step<FileState> {
  return {
    id: `directory:${path}`,
    title: path,
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: () => host.stat(path),
    diff: (state) => {
      if (state.kind === 'absent') return [{ kind: 'create', summary: `create ${path}` }]
      if (state.kind !== 'directory')
        throw new UserError('step', `${path} is not a directory`, { host: host.name, next: 'move it away' })
      return state.mode === mode
        ? []
        : [{ kind: 'access', summary: `set ${path} to ${mode} (is ${state.mode})` }]
    },
    apply: async () => {
      await host.mutate({
        what: `create ${path}`,
        script: 'mkdir -p "$1" && chmod "$2" "$1"',
        args: [path, mode],
        timeoutMs: 10_000,
        ledger: [`directory ${path}`],
      })
    },
  }
}
