import type { Step } from '../../engine/step.js'
import type { FileState, Host } from '../../host/host.js'
import { textDiff } from '../../resources/text-diff.js'

/**
 * The manifest on the machine a cluster is born on: with the kubeconfig that has its rights from the start, unless
 * there is one with the other already. Both are right here; `file` makes it the settled one later.
 */
export function manifestStep(
  host: Host,
  path: string,
  { settled, newborn }: { settled: string; newborn: string },
): Step<FileState> {
  const wanted = (state: FileState): string => {
    const text = textOf(state)
    return text === undefined || text.includes('super-admin.conf') ? newborn : settled
  }
  return {
    id: 'manifest:kube-vip',
    title: 'manifest of kube-vip',
    target: host.name,
    probe: () => host.stat(path, { content: true }),
    diff: (state) =>
      textOf(state) === wanted(state)
        ? []
        : [
            {
              kind: state.kind === 'absent' ? 'create' : 'update',
              summary: `write ${path}`,
              diff: textDiff(path, textOf(state), wanted(state)),
            },
          ],
    apply: (_, { observed }) => host.write({ path, content: wanted(observed), mode: '0600' }),
  }
}

function textOf(state: FileState): string | undefined {
  return state.kind === 'file' ? state.content?.toString() : undefined
}
