import type { Phase } from '../engine/phase.js'
import { binary } from '../resources/binary.js'
import { type Context, nodes } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'

/** INPUTS: the bundle. OUTPUTS: kubelet and kubectl on every node. Waits for nothing: they are big. */
export const binaries: Phase<Context> = {
  id: 'binaries',
  title: 'Binaries',
  about: 'kubelet and kubectl from the bundle; a host that has them transfers nothing.',
  steps: (context) =>
    nodes(context).flatMap(({ host }) =>
      ['kubelet', 'kubectl'].map((name) => {
        const entry = context.bundle.binary(name)
        return binary(host, {
          name,
          path: `/usr/bin/${name}`,
          source: context.bundle.path(entry),
          sha256: entry.sha256,
          size: entry.fileSize,
          marks: name === 'kubelet' ? [kubeletUnit] : [],
          needs: [],
        })
      }),
    ),
}
