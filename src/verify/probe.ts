import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { messageOf } from '../lib/errors.js'
import type { Turns } from '../lib/turns.js'
import { askThrough } from './ask-through.js'
import { NotSoYet, until, type VerifyOptions } from './check.js'
import { podPort } from './workload.js'

/** A test pod, where it runs and how it is reached. */
export interface EchoPod {
  name: string
  node: string
  ip: string
}

/** How many questions are under way at a time: each is a channel, and a connection behind it. */
export const questionsAtOnce = 64

/** What checks on traffic share: the test's namespace, its pods, its Services. */
export interface Probe {
  context: Context
  kube: KubeClient
  options: VerifyOptions
  namespace: string
  machines: readonly Machine[]
  /** One a node, by its name, in the machines' order. */
  pods: ReadonlyMap<string, EchoPod>
  /** Lets so many questions go on at once as all hosts and the operator can bear. */
  turns: Turns
  /** Services as the API server made them, by name. */
  services: ReadonlyMap<string, unknown>
}

/**
 * How long the way to a Service may take to be there. Where a sync of kube-proxy's rules fails, as on a busy node that has its
 * iptables lock taken, the next one comes after its syncPeriod of 30 s (pkg/proxy/iptables/proxier.go, RetryAfter).
 */
export const trafficPatienceMs = 45_000

/** Asks until there is an answer, at most for that time; an error says from where to where. */
export async function ask(
  { options, context, turns }: Probe,
  from: string,
  to: string,
  question: () => Promise<string>,
): Promise<string> {
  return until(options, context.sleep, trafficPatienceMs, () => turns.take(question)).catch(
    (error: unknown) => {
      throw new Error(`${from} → ${to}: ${messageOf(error)}`)
    },
  )
}

/**
 * Asks until the answer is one of those wanted. A pod that gets no connection answers
 * with nothing, and on a busy node kube-proxy learns of a Service seconds after its pods are ready.
 */
export async function expectAnswer(
  probe: Probe,
  from: string,
  to: string,
  question: () => Promise<string>,
  wanted: ReadonlySet<string>,
): Promise<void> {
  await ask(probe, from, to, async () => {
    const answer = (await question()).trim()
    if (!wanted.has(answer)) throw new NotSoYet(`answered "${answer.slice(0, 60)}"`)
    return answer
  })
}

/** Has the pod on a machine run one of its scripts (see workload.ts) with an argument. */
export function fromPod(
  { pods }: Probe,
  { host, spec }: Machine,
  script: 'fetch' | 'many' | 'resolve' | 'resolver',
  argument = '',
): () => Promise<string> {
  const ip = pods.get(spec.name)?.ip ?? ''
  return () => askThrough(host, ip, podPort, `/cgi-bin/${script}?${argument}`)
}

/** The first machine: what needs asking only once is asked from there. */
export function firstMachine({ machines }: Probe): Machine {
  const [first] = machines
  if (!first) throw new Error('a cluster without hosts')
  return first
}
