import type { Phase } from '../../../src/engine/phase.js'
import type { Change, Step } from '../../../src/engine/step.js'

/** What happened to steps, in order: "probe a/x", "apply a/x". */
export type Log = string[]

/** A step on a value in memory: converged when it is there. Every call is written to `log`. */
export function memoryStep(
  log: Log,
  key: string,
  options: Partial<Step<boolean>> & { there?: boolean; fails?: string } = {},
): Step<boolean> {
  const [target = '', id = ''] = key.split('/')
  const { there: initially = false, fails, ...over } = options
  let there = initially
  return {
    id,
    target,
    title: key,
    probe: async () => {
      log.push(`probe ${key}`)
      return there
    },
    diff: (is): Change[] => (is ? [] : [{ kind: 'create', summary: `make ${key}` }]),
    apply: async () => {
      log.push(`apply ${key}`)
      if (fails) throw new Error(fails)
      there = true
    },
    ...over,
  }
}

/** A phase of these steps, whatever the context. */
export function phaseOf(id: string, ...steps: Step<boolean>[]): Phase<undefined> {
  // an engine step's observation is opaque to the engine, as `unknown` says
  const opaque = steps.map((step) => ({ ...step, diff: (is: unknown) => step.diff(is === true) }))
  return { id, title: id, about: id, steps: () => opaque }
}
