import type { Change, Need, Step } from '../engine/step.js'

export interface Wait {
  id: string
  title: string
  target: string
  /** See Step. */
  node?: string
  /** Undefined when it is so; otherwise what is still missing, in a few words. See Step.probe. */
  look(how: { planning: boolean }): Promise<string | undefined>
  withinMs: number
  everyMs?: number
  needs?: readonly Need[]
  /** What tells why it does not come about. */
  evidence?(ageMs: number): Promise<string>
}

/** Something that others bring about and that must be so before the next step: nothing to apply, only to await. */
export function waitFor(wait: Wait): Step<string | undefined> {
  return {
    id: wait.id,
    title: wait.title,
    target: wait.target,
    ...(wait.node ? { node: wait.node } : {}),
    ...(wait.needs ? { needs: wait.needs } : {}),
    settle: { withinMs: wait.withinMs, everyMs: wait.everyMs ?? 250 },
    ...(wait.evidence ? { evidence: wait.evidence } : {}),
    probe: (look = { planning: false, applied: false }) => wait.look(look),
    diff: awaited,
    apply: async () => {},
    waits: true,
  }
}

/** The difference while something is missing, in a few words; none when it is there. */
export const awaited = (missing: string | undefined): Change[] =>
  missing === undefined ? [] : [{ kind: 'wait', summary: missing }]
