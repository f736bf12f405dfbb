import type { Effect } from '../engine/effect.js'
import type { Change, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { markDirectory, restartIsDue } from './marks.js'
import { unitState } from './unit-state.js'

/** A file, and whether its reader is about to start anyway. */
export interface AlongState {
  file: FileState
  due: boolean
}

/**
 * A file whose earlier content still serves: what it lacks is no reason for a restart of its own, and is written
 * along with one that has another. A plan shows it then, beside that reason. Steps that mark the unit must come
 * before it in their phase.
 * @param wish `unit` reads the file; `serves` tells the text that may stay; `why` stands in the plan
 */
export function alongRestart(
  host: Host,
  file: Step<FileState>,
  wish: { unit: string; serves(text: string): boolean; why: string },
): Step<AlongState> {
  const remark: Effect = { kind: 'remark', text: wish.why }
  const serves = (state: FileState): boolean =>
    state.kind === 'file' && wish.serves(state.content?.toString() ?? '')
  return {
    ...file,
    probe: async () => {
      const [state, mark, { active }] = await Promise.all([
        file.probe(),
        host.stat(`${markDirectory}/${wish.unit}`),
        unitState(host, wish.unit),
      ])
      const runs = active === 'active' || active === 'activating' || active === 'reloading'
      return { file: state, due: !runs || mark.kind !== 'absent' }
    },
    unshown: ({ file: state }) => file.unshown?.(state) ?? '',
    learn: ({ file: state }, changes) => file.learn?.(state, changes),
    diff: (state): readonly Change[] => {
      const lags = serves(state.file)
      if (lags && !state.due && !restartIsDue(host, wish.unit)) return []
      const changes = file.diff(state.file)
      return lags
        ? changes.map((change) => ({ ...change, effects: [...(change.effects ?? []), remark] }))
        : changes
    },
    apply: (changes, how) => file.apply(changes, { ...how, observed: how.observed.file }),
  }
}
