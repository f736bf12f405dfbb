import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { beginningMark } from '../../kubernetes/etcd/unit.js'

/** A member that takes part has begun: from then on one without data is one that has lost them, and starts no more. */
export function begunStep({ host }: Machine, needs: readonly Need[]): Step<FileState> {
  return {
    id: 'etcd-begun',
    title: 'start of the etcd member recorded',
    target: host.name,
    needs,
    probe: () => host.stat(beginningMark),
    diff: (state) =>
      state.kind === 'absent' ? [] : [{ kind: 'update', summary: 'record that the etcd member has started' }],
    apply: async () => {
      await host.mutate({
        what: `remove ${beginningMark}`,
        script: 'rm -f -- "$1"',
        args: [beginningMark],
        timeoutMs: 10_000,
      })
    },
  }
}
