/** How many of `voters` must agree before a write counts (etcd's FAQ: n/2 + 1). */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1

/** How many of `voters` may be lost while the rest still writes: 1→0, 2→0, 3→1, 4→1, 5→2. */
export const toleranceOf = (voters: number): number => voters - quorumOf(voters)

/** A voting member as those see it who ask it. */
export interface Voter {
  /** For people: its name, or its peer URL. */
  name: string
  /** It takes part in reads that need a quorum. */
  healthy: boolean
}

/** Why another voting member may not be added now; undefined when it may. Learners do not count. */
export function addingProblem(voters: readonly Voter[]): string | undefined {
  const { length: n } = voters
  const sick = sickOf(voters)
  if (sick.length === 0) return undefined
  const left = n - sick.length - quorumOf(n + 1)
  const then = `with one more member a write needs ${quorumOf(n + 1)} of ${n + 1}, and ${n - sick.length} certainly answer`
  return `${sick.join(', ')} of ${n} voting members does not answer: ${then}${left < 0 ? ', which is not enough' : ''}`
}

/** Why a voting member may not be removed now; undefined when it may. The last one may not. */
export function removingProblem(voters: readonly Voter[], name: string): string | undefined {
  const { length: n } = voters
  const healthy = n - sickOf(voters).length
  if (healthy < quorumOf(n))
    return `a write needs ${quorumOf(n)} of ${n} voting members, and ${healthy} answer (not ${sickOf(voters).join(', ')})`
  const others = voters.filter((voter) => voter.name !== name)
  const left = others.filter((voter) => voter.healthy).length
  if (others.length === 0) return `${name} is the last voting member`
  if (left < quorumOf(others.length))
    return `without ${name} a write needs ${quorumOf(others.length)} of ${others.length}, and ${left} would answer (not ${sickOf(others).join(', ')})`
  return undefined
}

/** Why a voting member may not be restarted now; undefined when it may, also where its restart is felt in any case. */
export function restartingProblem(voters: readonly Voter[], name: string): string | undefined {
  const { length: n } = voters
  const left = voters.filter((voter) => voter.healthy && voter.name !== name).length
  if (toleranceOf(n) === 0 || left >= quorumOf(n)) return undefined
  const sick = sickOf(voters).filter((one) => one !== name)
  return `while ${name} restarts a write needs ${quorumOf(n)} of ${n} voting members, and ${left} would answer (not ${sick.join(', ')})`
}

/** What the loss of members would do, in one sentence: "quorum 2 of 3: one more may fail". */
export function lossSentence(voters: readonly Voter[]): string {
  const { length: n } = voters
  if (n === 0) return 'no voting member is known'
  const quorum = quorumOf(n)
  const healthy = n - sickOf(voters).length
  const spare = healthy - quorum
  const of = `quorum ${quorum} of ${n}`
  const now = healthy === n ? '' : `, ${healthy} answer`
  if (spare < 0) return `${of}${now}: writes fail until ${-spare} of ${sickOf(voters).join(', ')} recovers`
  if (spare === 0) return `${of}${now}: no member may fail${n === 1 ? '' : ' without losing the quorum'}`
  return `${of}${now}: ${spare === 1 ? 'one' : spare} more may fail`
}

const sickOf = (voters: readonly Voter[]): string[] =>
  voters.filter(({ healthy }) => !healthy).map(({ name }) => name)
