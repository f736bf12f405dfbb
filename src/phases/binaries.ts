import type { Phase } from '../engine/phase.js'
import { binary } from '../resources/binary.js'
import { type Context, nodes } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'

/** INPUTS: the bundle. OUTPUTS: kubelet and kubectl on every node, and what the runtime brings. Waits for nothing: they are big. */
export const binaries: Phase<Context> = {
  id: 'binaries',
  title: 'Binaries',
  about: 'kubelet and kubectl from the bundle; hosts that have them already receive nothing.',
  steps: (context) =>
    nodes(context).flatMap(({ host }) =>
      ['kubelet', 'kubectl', ...context.runtime.programs].map((name) => {
        const entry = context.bundle.binary(name)
        return binary(host, {
          name,
          path: `/usr/bin/${name}`,
          source: context.bundle.path(entry),
          sha256: entry.sha256,
          size: entry.fileSize,
          plain: entry.plain,
          marks: marksOf(name, context),
          needs: [],
        })
      }),
    ),
}

function marksOf(name: string, { runtime }: Context): readonly string[] {
  if (name === 'kubelet') return [kubeletUnit]
  return runtime.programs.includes(name) ? runtime.programMarks : []
}
