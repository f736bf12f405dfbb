import type { Step } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import { UserError } from '../../lib/errors.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'

export interface MemberFile {
  /** Reads from the file's text where a member's data are; undefined when it does not say. */
  dataDirIn(text: string): string | undefined
  /** What to do instead of moving the data, which are in `is`. */
  insteadOfMoving(is: string): string
  /**
   * Told, before the difference is made out, whether there are data, and what the file says; undefined: there is none.
   * Throws where a member must not be told anything.
   */
  tell(data: boolean, text: string | undefined): void
}

/**
 * A file that a member runs by, a manifest or a unit: what it is to say hangs on whether there are data, and on what it
 * says already. A guard: a second cluster beside one that lives must not be born, whatever else the run does.
 */
export function memberFile(
  { spec: { etcd } }: Context,
  { host, spec }: Machine,
  step: Step<FileState>,
  { dataDirIn, insteadOfMoving, tell }: MemberFile,
): Step<FileState> {
  let data = false
  return {
    ...step,
    guards: true,
    probe: async () => {
      const [state, log] = await Promise.all([step.probe(), host.stat(writeAheadLog(etcd.dataDir))])
      data = log.kind !== 'absent'
      return state
    },
    diff: (state) => {
      const text = state.kind === 'file' ? (state.content?.toString() ?? '') : undefined
      const is = dataDirIn(text ?? '')
      if (is !== undefined) refuseMove(spec.name, is, etcd.dataDir, insteadOfMoving(is))
      tell(data, text)
      return step.diff(state)
    },
  }
}

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
