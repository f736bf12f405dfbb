import type { Change, Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { effectsOf, markDirectory } from './marks.js'

/** A file from an earlier inventory, and the units that read it. */
export interface GoneFile {
  path: string
  marks: readonly string[]
}

/** Files that the inventory does not ask for any more, known by a mark in their first line; others' stay. */
export function filesGone(
  host: Host,
  wish: { id: string; title: string; files: readonly GoneFile[]; mark: string; needs: readonly Need[] },
): Step<readonly FileState[]> {
  const { files, mark } = wish
  return {
    id: wish.id,
    title: wish.title,
    target: host.name,
    needs: wish.needs,
    probe: () => Promise.all(files.map(({ path }) => host.stat(path, { content: true }))),
    diff: (states): Change[] =>
      files.flatMap(({ path, marks }, i) => {
        const state = states[i]
        const first = state?.kind === 'file' ? state.content?.toString().split('\n')[0] : undefined
        if (!first?.includes(mark)) return []
        return [{ kind: 'remove', subjects: [path], summary: `remove ${path}`, effects: effectsOf(marks) }]
      }),
    apply: async (changes) => {
      const paths = changes.flatMap(({ subjects }) => subjects ?? [])
      const marks = files.flatMap((one) => (paths.includes(one.path) ? one.marks : []))
      await host.mutate({
        what: `remove ${paths.join(', ')}`,
        script: `
marks=$1 units=$2
shift 2
for u in $units; do mkdir -p "$marks" && : >"$marks/$u" || exit 1; done
rm -f -- "$@"`,
        args: [markDirectory, [...new Set(marks)].join(' '), ...paths],
        timeoutMs: 10_000,
      })
    },
  }
}
