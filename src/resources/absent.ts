import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'

/** A file that must not be there (any more). */
export function absent(host: Host, path: string, needs?: readonly Need[]): Step<FileState> {
  return {
    id: `absent:${path}`,
    title: `no ${path}`,
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: () => host.stat(path),
    diff: (state) => (state.kind === 'absent' ? [] : [{ summary: `remove ${path}` }]),
    apply: async () => {
      await host.mutate({ script: 'rm -f "$1"', args: [path], timeoutMs: 10_000 })
    },
  }
}
