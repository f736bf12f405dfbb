import { groupBy } from '../lib/group-by.js'
import { type Before, joined } from './joints.js'
import type { Need, Step } from './step.js'

/** A step and the phase it is of. */
export interface Placed {
  key: string
  phase: string
  step: Step
}

type Groups = ReadonlyMap<Need, readonly Placed[]>

/** Steps by all that a need can name, so that none is looked for by going through all of them. */
export class StepIndex {
  readonly #placed: readonly Placed[]
  readonly #keys = new Set<string>()
  readonly #phases: ReadonlySet<string>
  readonly #ofPhases: Groups
  /** Few needs name these. */
  #ofKinds: Groups | undefined
  #ofIds: Groups | undefined
  /** What all steps that have a need wait for. */
  readonly #joints = new Map<Need, readonly Before[]>()

  /** Throws on a key that two steps have. */
  constructor(phases: readonly string[], placed: readonly Placed[]) {
    for (const { key } of placed) {
      if (this.#keys.has(key)) throw new Error(`two steps have the key ${key}`)
      this.#keys.add(key)
    }
    this.#placed = placed
    this.#phases = new Set(phases)
    this.#ofPhases = groupBy(placed, ({ phase, step }) => [`${step.target}/@${phase}`, `*/@${phase}`])
  }

  /**
   * What a step waits for by a need; one that is itself among those waits for the others. Throws when the need names a
   * step or a phase that is not there.
   */
  resolve(need: Need, own: Placed): readonly Before[] {
    const slash = need.indexOf('/')
    const [target, what] = [need.slice(0, slash), need.slice(slash + 1)]
    const star = target === '*'
    const here = star || own.step.target === target
    if (what.startsWith('@')) {
      if (!this.#phases.has(what.slice(1))) throw new Error(`no phase for need ${need}`)
      return this.#behind(need, this.#ofPhases, here && what === `@${own.phase}` ? own : undefined)
    }
    if (what.endsWith(':*')) {
      this.#ofKinds ??= groupBy(this.#placed, ({ step }) => {
        const kind = kindOf(step)
        return kind === undefined ? [] : [`${step.target}/${kind}`, `*/${kind}`]
      })
      return this.#behind(need, this.#ofKinds, here && what === kindOf(own.step) ? own : undefined)
    }
    if (star) {
      this.#ofIds ??= groupBy(this.#placed, ({ step }) => `*/${step.id}`)
      return this.#behind(need, this.#ofIds, what === own.step.id ? own : undefined)
    }
    if (!this.#keys.has(need)) throw new Error(`no step for need ${need}`)
    return need === own.key ? [] : [need]
  }

  /** All of a phase on a target. */
  ofPhase(phase: string, target: string): readonly Before[] {
    return this.#behind(`${target}/@${phase}`, this.#ofPhases, undefined)
  }

  /** @param without the one that has the need, where it is one of them: two such would wait for each other */
  #behind(need: Need, groups: Groups, without: Placed | undefined): readonly Before[] {
    const keys = (): string[] => (groups.get(need) ?? []).map(({ key }) => key)
    if (without) return keys().filter((key) => key !== without.key)
    const made = this.#joints.get(need) ?? joined(keys())
    this.#joints.set(need, made)
    return made
  }
}

/** "node:*" of "node:w1"; undefined of an id without a subject. */
function kindOf({ id }: Step): string | undefined {
  const colon = id.indexOf(':')
  return colon === -1 ? undefined : `${id.slice(0, colon)}:*`
}
