import { minorsNewer, nodeLag } from './versions.js'

/** A program of Kubernetes that the version skew policy names. */
export type SkewedProgram =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kubectl'

/** A program as it runs on a host, of a cluster or beside one. */
export interface RunningProgram {
  program: SkewedProgram
  host: string
  /** "1.36.3", without the v. */
  version: string
}

/** A place where the version skew policy is not kept. */
export interface SkewProblem {
  program: SkewedProgram
  /** '' where it is about several hosts. */
  host: string
  /** What is compared: two problems of one program and host with the same rule are the same problem. */
  rule: 'apart' | 'newer' | 'older'
  /** By how many minors more than allowed. */
  excess: number
  /** A sentence, with hosts and versions. */
  text: string
}

/**
 * Where programs that run beside each other do not keep the version skew policy; none where they do. Pure.
 *
 * Source: kubernetes.io/releases/version-skew-policy. API servers are within one minor of each other. Kubelets and
 * kube-proxies are never newer than an API server, and at most three minors older than one (two, where they are older
 * than 1.25); with API servers of two minors the oldest bounds them above and the newest below ("this narrows the
 * allowed kubelet versions"). Controller managers and schedulers are never newer than the API server that they ask,
 * which kubeadm makes the one of their host, and at most one minor older. kubectl is within one minor of every API server.
 * The policy is about minors: patch releases of one minor go with each other.
 * @throws Error for a version that is none: what a host said has to be checked before
 */
export function skewProblems(running: readonly RunningProgram[]): SkewProblem[] {
  const servers = running.filter(({ program }) => program === 'kube-apiserver').sort(byMinor)
  const [oldest, newest] = [servers[0], servers.at(-1)]
  if (oldest === undefined || newest === undefined) return []
  const apart = minorsNewer(newest.version, oldest.version) - 1
  return [
    ...(apart > 0
      ? [
          {
            program: 'kube-apiserver' as const,
            host: '',
            rule: 'apart' as const,
            excess: apart,
            text: `API servers are more than one minor apart: ${shown(oldest)}, ${shown(newest)}`,
          },
        ]
      : []),
    ...running.flatMap((one) => {
      if (one.program === 'kube-apiserver') return []
      const asked = serversOf(one, servers)
      return [...above(one, asked[0] ?? oldest), ...below(one, asked.at(-1) ?? newest)]
    }),
  ]
}

/**
 * What a change would break of the version skew policy: problems that are not there before it, or grow by it; none where
 * it may be made. It is asked before each change of a rollout. A problem that is there already forbids no change that leaves
 * it as it is or makes it smaller: a cluster that somebody upgraded half-way can be gone on with. Pure.
 * @param change the program as it will be; in the place of the one of its name on its host, or a new one
 */
export function newSkewProblems(running: readonly RunningProgram[], change: RunningProgram): SkewProblem[] {
  const before = skewProblems(running)
  return skewProblems(changed(running, change)).filter(
    (problem) => !before.some((known) => isSame(known, problem) && known.excess >= problem.excess),
  )
}

/** What runs after a change. Pure. */
export function changed(running: readonly RunningProgram[], change: RunningProgram): RunningProgram[] {
  const others = running.filter(({ program, host }) => program !== change.program || host !== change.host)
  return [...others, change]
}

/** Which API servers, in order, bound a program: the one of the host where there is one, for what asks that alone. */
function serversOf(
  { program, host }: RunningProgram,
  servers: readonly RunningProgram[],
): readonly RunningProgram[] {
  if (program !== 'kube-controller-manager' && program !== 'kube-scheduler') return servers
  const own = servers.filter((server) => server.host === host)
  return own.length > 0 ? own : servers
}

function above(one: RunningProgram, oldest: RunningProgram): SkewProblem[] {
  const allowed = one.program === 'kubectl' ? 1 : 0
  const excess = minorsNewer(one.version, oldest.version) - allowed
  if (excess <= 0) return []
  const than = allowed > 0 ? 'more than one minor newer than' : 'newer than'
  return [problem(one, 'newer', excess, `${shown(one)} is ${than} the ${shown(oldest)}`)]
}

function below(one: RunningProgram, newest: RunningProgram): SkewProblem[] {
  const allowed = one.program === 'kubelet' || one.program === 'kube-proxy' ? nodeLag(one.version) : 1
  const excess = minorsNewer(newest.version, one.version) - allowed
  if (excess <= 0) return []
  const minors = allowed === 1 ? 'one minor' : `${allowed} minors`
  return [
    problem(one, 'older', excess, `${shown(one)} is more than ${minors} older than the ${shown(newest)}`),
  ]
}

const problem = (
  { program, host }: RunningProgram,
  rule: SkewProblem['rule'],
  excess: number,
  text: string,
): SkewProblem => ({ program, host, rule, excess, text })

const isSame = (a: SkewProblem, b: SkewProblem): boolean =>
  a.program === b.program && a.host === b.host && a.rule === b.rule

const shown = ({ program, host, version }: RunningProgram): string => `${program} ${version} on ${host}`

/** In the order of their minors. */
const byMinor = (a: RunningProgram, b: RunningProgram): number => minorsNewer(a.version, b.version)
