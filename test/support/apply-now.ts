import type { Applying, Change, Step } from '../../src/engine/step.js'

/** What an apply is given by the engine, where nobody listens. */
export const quietly = <T>(observed: T): Applying<T> => ({ progress: () => {}, observed })

/** Of an apply to which it is all the same what was seen. */
export const unseen: Applying<never> = quietly(undefined as never)

/** Looks as the engine does. */
export async function lookAt<T>(step: Step<T>): Promise<{ observed: T; changes: readonly Change[] }> {
  const observed = await step.probe()
  const changes = step.diff(observed)
  step.learn?.(observed, changes)
  return { observed, changes }
}

/** Looks, and applies what differs. @returns that */
export async function applyNow<T>(step: Step<T>): Promise<readonly Change[]> {
  const { observed, changes } = await lookAt(step)
  if (changes.length > 0) await step.apply(changes, quietly(observed))
  return changes
}
