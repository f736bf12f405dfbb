import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { archiveRecords } from '../../host/download-script.js'
import type { FileState } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'

export const runtimeOriginId = 'runtime-origin'

const [record, program] = [`${archiveRecords}/containerd`, '/usr/local/bin/containerd']

/**
 * A node whose containerd was downloaded does not go back to one of packages: its unit and its programs would hide those
 * of the package, and an older containerd does not read what a newer one left.
 */
export function runtimeOrigin({ host }: Machine): Step<readonly FileState[]> {
  return {
    id: runtimeOriginId,
    title: 'origin of the container runtime',
    target: host.name,
    needs: [],
    probe: () => Promise.all([host.stat(record), host.stat(program)]),
    diff: (states) => {
      if (states.some(({ kind }) => kind !== 'file')) return []
      throw new UserError(
        'step',
        `containerd was downloaded (${program}), and now is to come from packages`,
        {
          host: host.name,
          why: 'sources.runtime of the inventory is no longer download',
          next: `set sources: { runtime: download } again; or reset ${host.name}, and add it again`,
        },
      )
    },
    apply: async () => {},
  }
}
