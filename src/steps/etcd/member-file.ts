import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import { UserError } from '../../lib/errors.js'
import { type FileWish, file, unshownOf } from '../../resources/file.js'

/** A member's file, and whether the member has data. */
export interface MemberFileState {
  file: FileState
  data: boolean
}

export interface MemberFile extends Omit<FileWish, 'content'> {
  /** Reads from the file's text where a member's data are; undefined when it does not say. */
  dataDirIn(text: string): string | undefined
  /** What to do instead of moving the data, which are in `is`. */
  insteadOfMoving(is: string): string
  /**
   * What it is to say, by whether there are data and what it says; undefined: there is none. Throws where a member must
   * not be told anything.
   */
  contentFor(data: boolean, text: string | undefined): string
}

/**
 * A file that a member runs by, a manifest or a unit: what it is to say hangs on whether there are data, and on what it
 * says already. A guard: a second cluster beside one that lives must not be born, whatever else the run does.
 */
export function memberFile(
  { spec: { etcd } }: Context,
  { host, spec }: Machine,
  { dataDirIn, insteadOfMoving, contentFor, ...wish }: MemberFile,
): Step<MemberFileState> {
  const stepFor = ({ file: state, data }: MemberFileState): Step<FileState> =>
    file(host, { ...wish, content: () => contentFor(data, textOf(state)) })
  const { probe, learn: _, unshown: __, ...shape } = file(host, { ...wish, content: '' })
  return {
    ...shape,
    guards: true,
    probe: async () => {
      const [state, log] = await Promise.all([probe(), host.stat(writeAheadLog(etcd.dataDir))])
      return { file: state, data: log.kind !== 'absent' }
    },
    diff: (seen) => {
      const is = dataDirIn(textOf(seen.file) ?? '')
      if (is !== undefined) refuseMove(spec.name, is, etcd.dataDir, insteadOfMoving(is))
      return stepFor(seen).diff(seen.file)
    },
    unshown: (seen) => unshownOf(seen.file),
    learn: (seen, changes) => stepFor(seen).learn?.(seen.file, changes),
    apply: (changes, how) => stepFor(how.observed).apply(changes, { ...how, observed: how.observed.file }),
  }
}

const textOf = (state: FileState): string | undefined =>
  state.kind === 'file' ? (state.content?.toString() ?? '') : undefined

/** On another directory etcd would begin anew, empty. Throws UserError('step') for one. */
function refuseMove(name: string, is: string, wanted: string, next: string): void {
  if (is === wanted) return
  throw new UserError(
    'step',
    `etcd's data directory is ${is}, and the inventory says ${wanted} (etcd.dataDir)`,
    {
      host: name,
      next,
    },
  )
}
