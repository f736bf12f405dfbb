import type { Step } from '../../engine/step.js'
import type { FileState, Host } from '../../host/host.js'
import { type BinaryWish, binary } from '../../resources/binary.js'
import { leaveMarks } from '../../resources/marks.js'
import type { Turn } from '../rollout/node-turn.js'

/** Where programs wait on a host for their turn. */
const directory = '/var/lib/kubestrap/staged'

export interface StagedBinaryWish extends BinaryWish {
  turn: Turn
}

interface Staged {
  there: FileState
  staged: FileState
}

/**
 * An executable that is there already and is replaced in its turn: it is brought to the host before, and waits beside, so that
 * a machine keeps the old one until the moment it is changed, and nothing that has to travel holds up its turn.
 */
export function stagedBinary(
  host: Host,
  { turn, ...wish }: StagedBinaryWish,
): [brought: Step<Staged>, replaced: Step<FileState>] {
  const { program, path, marks = [], needs } = wish
  const waiting = `${directory}/${path.replace(/^.*\//, '')}`
  const brought = binary(host, { program, path: waiting, ...(needs ? { needs } : {}) })
  const replaced = binary(host, { program, path, marks })
  const bring: Step<Staged> = {
    target: brought.target,
    ...(needs ? { needs } : {}),
    prepares: true,
    ...(brought.receives ? { receives: brought.receives } : {}),
    id: `staged:${path}`,
    title: `${program.name}, for its turn`,
    probe: async () => {
      const [there, staged] = await Promise.all([host.stat(path), host.stat(waiting)])
      return { there, staged }
    },
    diff: ({ there, staged }) => (replaced.diff(there).length === 0 ? [] : brought.diff(staged)),
    apply: (changes, how) => brought.apply(changes, { ...how, observed: how.observed.staged }),
  }
  const replace: Step<FileState> = {
    ...replaced,
    needs: [`${host.name}/${bring.id}`],
    apply: async () => {
      await leaveMarks(host, marks)
      await host.mutate({
        what: `replace ${path}`,
        script: replaceScript,
        args: [waiting, path],
        timeoutMs: 120_000,
      })
    },
    ...turn,
  }
  return [bring, replace]
}

const replaceScript = `cp -- "$1" "$2.part" && chmod 0755 "$2.part" && chown root:root "$2.part" && sync -- "$2.part" && mv -f -- "$2.part" "$2" && rm -f -- "$1"
[ ! -x /sbin/restorecon ] || /sbin/restorecon "$2" 2>/dev/null || :`
