import { type Effect, isAbout } from '../../engine/effect.js'
import type { Node } from '../../engine/graph.js'
import type { Permits } from '../../engine/run.js'
import { UserError } from '../../lib/errors.js'
import type { PlanFile } from './plan-file.js'

/**
 * What may be applied of a plan: its steps, those that were not known yet among them; what it says that restarts with
 * them; and what takes back a drain. Pure.
 */
export function onlyPlanned(file: string, { steps }: PlanFile): Permits {
  const keys = new Set(steps.map(({ key }) => key))
  const effects = new Map<string, Effect[]>()
  for (const step of steps) {
    const own = effects.get(step.host) ?? []
    effects.set(step.host, own)
    if (step.kind === 'differs')
      own.push(...step.changes.flatMap((change) => change.effects ?? []).map(asEffect))
  }
  const isAnnounced = ({ step }: Node): boolean => {
    const { restarts, target } = step
    return restarts !== undefined && (effects.get(target) ?? []).some((effect) => isAbout(effect, restarts))
  }
  /** Steps that are not known yet may leave marks for readers on their host. */
  const isOpen = ({ step }: Node): boolean =>
    step.restarts !== undefined && steps.some(({ kind, host }) => kind === 'unknown' && host === step.target)
  return (node) =>
    keys.has(node.key) || node.step.waits || node.step.leaves || isAnnounced(node) || isOpen(node)
      ? undefined
      : new UserError('step', `${node.step.title} would be changed, and is not in ${file}`, {
          host: node.step.target,
          why: 'something changed on the host since the plan was held against it, or a change had another effect than foreseen',
          next: 'finished steps are kept; make a new plan (kubestrap plan --out FILE), and apply that one',
        })
}

/** Decoded JSON has `undefined` where a field is absent. */
function asEffect(effect: DecodedEffect): Effect {
  if (effect.kind !== 'restart') return effect
  const { kind, of, name } = effect
  return { kind, of, name }
}

type Differs = Extract<PlanFile['steps'][number], { kind: 'differs' }>
type DecodedEffect = NonNullable<Differs['changes'][number]['effects']>[number]
