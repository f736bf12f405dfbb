import type { Change, Need, Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import type { Living } from './lives.js'
import type { Asked } from './request-steps.js'

export interface LifeWish extends Pick<Step, 'id' | 'title' | 'target' | 'disrupts' | 'evidence'> {
  of: Living
  needs: readonly Need[]
  within: Transaction
  /** What runs on the machine ends with it: it is moved away before. */
  endsPods: boolean
  /** What ends its life and begins another. */
  change: Change
  apply: Step['apply']
}

/** Something lives that did not when the rollout was asked for: whoever began it anew, it is not done twice. */
export function lifeStep({ before }: Pick<Asked, 'before'>, wish: LifeWish): Step<string> {
  const { of, endsPods, change, apply, ...step } = wish
  return {
    ...step,
    probe: of.life,
    diff: (now) => {
      const old = before.get()[of.key]
      return old === undefined || old === now ? [change] : []
    },
    vacates: () => endsPods,
    apply: (changes, how) => apply(changes, how),
  }
}
