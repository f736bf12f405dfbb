/**
 * Many things to wait for as one. Whoever needs all of a phase has one edge to its joint, not one to each of its
 * steps: else edges grow with the product of those who wait and those who are waited for.
 */
export interface Joint {
  readonly of: readonly Before[]
}

/** What something waits for: a step, by its key, or many as one. */
export type Before = string | Joint

/** As few of them as say the same: none, that one, or their joint. */
export function joined(of: readonly Before[]): readonly Before[] {
  return of.length < 2 ? of : [{ of }]
}

/**
 * A value of whatever is waited for, from values of steps. That of a joint is made once, when it is first asked for,
 * however many wait for it.
 */
export function overJoints<T>(
  ofStep: (key: string) => T,
  ofJoint: (values: readonly T[]) => T,
): (before: Before) => T {
  const made = new Map<Joint, { value: T }>()
  const resolve = (before: Before): T => {
    if (typeof before === 'string') return ofStep(before)
    const there = made.get(before)
    if (there) return there.value
    const value = ofJoint(before.of.map(resolve))
    made.set(before, { value })
    return value
  }
  return resolve
}

/** What is waited for, with something else instead of its steps; a joint of which one thing is left is that one. */
export const insteadOf = (of: (key: string) => readonly Before[]): ((before: Before) => readonly Before[]) =>
  overJoints<readonly Before[]>(of, (values) => joined([...new Set(values.flat())]))

/** What is left of what is waited for, when only these steps are. */
export const onlyOf = (keeps: (key: string) => boolean): ((before: Before) => readonly Before[]) =>
  insteadOf((key) => (keeps(key) ? [key] : []))

/** Keys of the steps behind what is waited for, each once. */
export function keysBehind(of: readonly Before[]): string[] {
  const keys = new Set<string>()
  const seen = new Set<Joint>()
  const visit = (before: Before): void => {
    if (typeof before === 'string') keys.add(before)
    else if (!seen.has(before)) {
      seen.add(before)
      before.of.forEach(visit)
    }
  }
  of.forEach(visit)
  return [...keys]
}
