/** Which specs of the suite run, as regular expressions of Go. */
export interface Selection {
  focus: string
  /** '' for none. */
  skip: string
}

export const modes = ['quick', 'full'] as const
export type Mode = (typeof modes)[number]

/**
 * quick: the one conformance test that hydrophone's and Sonobuoy's quick modes run; full: every conformance test, as
 * certification wants them (cncf/k8s-conformance, instructions.md).
 */
const focusOf: Readonly<Record<Mode, string>> = {
  quick: 'Pods should be submitted and removed .*\\[Conformance\\]',
  full: '\\[Conformance\\]',
}

/** How long the whole suite may take by default, ms: upstream full takes one and a half to two hours. */
export const timeoutOf: Readonly<Record<Mode, number>> = { quick: 20 * 60_000, full: 3 * 3_600_000 }

/** @param given what the operator chooses instead; '' for nothing */
export function selectionOf(mode: Mode, given: Selection): Selection {
  return { focus: given.focus || focusOf[mode], skip: given.skip }
}
