import { z } from 'zod'

/**
 * A mapping whose keys its writer chooses. What is decoded has no prototype: toString, constructor and the like are
 * keys as any other, there or not.
 */
export function record<T extends z.ZodType>(values: T) {
  return z.record(z.string(), values).overwrite(bare)
}

/** A copy without a prototype. */
export function bare<T extends object>(mapping: T): T {
  return Object.assign(Object.create(null), mapping)
}
