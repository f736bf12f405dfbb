import { type Context, controlPlanes, nodes } from '../cluster/context.js'
import { nodeEvidence } from '../cluster/evidence.js'
import type { Machine } from '../cluster/machine.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { condition, listAt, nameOf, textAt } from '../kubernetes/read.js'
import { groupBy } from '../lib/group-by.js'
import { Turns } from '../lib/turns.js'
import { type CheckResult, check, NotSoYet, someOf, until, type VerifyOptions } from './check.js'
import { components } from './components.js'
import { controlPlaneRunning } from './control-plane-running.js'
import { job } from './job.js'
import { names } from './names.js'
import { nodeRows, nodesReady } from './nodes-ready.js'
import { podAccess } from './pod-access.js'
import { podWords } from './pod-words.js'
import { type EchoPod, type Probe, questionsAtOnce } from './probe.js'
import { services, servicesOf } from './services.js'
import { systemPodsReady } from './system-pods.js'
import { traffic } from './traffic.js'
import { type Listing, watching } from './watching.js'
import { daemonSet, namespaceObject, verifyLabel } from './workload.js'

export interface VerifyResult {
  passed: boolean
  /** Rows of `kubectl get nodes`. */
  nodes: string[][]
}

/**
 * Whether the cluster works, seen as its users would: nodes, system pods, leaders, etcd, certificates; a
 * pod on each node, pods among each other, Services of every kind, a Job, logs, exec and port-forward.
 * What it starts it takes away, also when it fails or is interrupted.
 */
export async function verifyCluster(context: Context, options: VerifyOptions): Promise<VerifyResult> {
  const results: CheckResult[] = []
  const began = options.now()
  const watched: VerifyOptions = {
    ...options,
    onResult: (result) => {
      results.push(result)
      options.onResult(result)
    },
  }
  const kube = await context.kube()
  const machines = nodes(context)
  const names = machines.map(({ spec }) => spec.name)
  const everyMs = paceOf(machines)
  await check(
    watched,
    'control plane running',
    () => until(watched, context.sleep, 60_000, () => controlPlaneRunning(context, kube)),
    () => wordsOfPlanes(context, options.now() - began),
    true,
  )
  await check(watched, 'nodes Ready', () =>
    until(
      watched,
      context.sleep,
      90_000,
      watching(kube, (api) => nodesReady(api, names)),
      everyMs,
    ),
  )
  await check(
    watched,
    'system Pods running',
    () => {
      const look = watching(kube, (api) => systemPodsReady(context, api))
      return until(watched, context.sleep, 120_000, look, everyMs)
    },
    () => podWords(kube, 'kube-system'),
  )
  const passed = (): boolean => results.every(({ status }) => status !== 'failed')
  if (!options.lookOnly && passed())
    await Promise.all([
      components(context, kube, machines, watched),
      testWorkload(context, kube, machines, watched),
    ])
  return {
    passed: passed() && !options.signal.aborted,
    nodes: await nodeRows(kube).catch(() => []),
  }
}

/** Milliseconds between two lists of what is there on each node: the longer they are, the rarer. */
const paceOf = (machines: readonly Machine[]): number => Math.max(200, 4 * machines.length)

/** What control planes tell of their containers, the last of it. */
async function wordsOfPlanes(context: Context, ageMs: number): Promise<string> {
  const said = await Promise.all(
    controlPlanes(context).map(async (machine) => {
      const lines = (await nodeEvidence(context, machine, { ageMs })).trim().split('\n')
      return lines.slice(-12).map((line) => `${machine.spec.name}: ${line}`)
    }),
  )
  return said.flat().join('\n')
}

/** Starts what traffic is tested with, tests, and takes it away, also after a failure or an interruption. */
async function testWorkload(
  context: Context,
  kube: KubeClient,
  machines: readonly Machine[],
  options: VerifyOptions,
): Promise<void> {
  const namespace = `kubestrap-verify-${context.random(3).toString('hex')}`
  let probe: Probe | undefined
  try {
    await check(
      options,
      'a Pod on each node',
      async () => {
        await removeStale(kube, context.now())
        await kube.createOwn(namespaceObject(namespace))
        // pods are refused until the controller manager has given the namespace its service account
        await until(options, context.sleep, 90_000, async () => {
          const account = await kube.get({
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: 'default', namespace },
          })
          if (!account) throw new NotSoYet('the controller manager has created no default ServiceAccount')
        })
        const wanted = servicesOf(namespace, context.spec.networking.dnsDomain)
        const made = await Promise.all(wanted.map((one) => kube.createOwn(one)))
        await kube.createOwn(daemonSet(namespace, context.spec.verify.image))
        const look = watching(kube, (api) => echoPods(api, namespace, machines))
        const pods = await until(options, context.sleep, 60_000, look, paceOf(machines))
        const services = new Map(made.map((one) => [nameOf(one), one]))
        const turns = new Turns(questionsAtOnce)
        probe = { context, kube, options, namespace, machines, pods, turns, services }
        return someOf([...pods.values()].map(({ node, ip }) => `${node} ${ip}`))
      },
      () => podWords(kube, namespace),
    )
    if (probe)
      await Promise.all([traffic(probe), services(probe), names(probe), job(probe), podAccess(probe)])
  } finally {
    await kube.delete(namespaceObject(namespace)).catch((error: unknown) =>
      options.onResult({
        name: `namespace ${namespace} removed`,
        status: 'failed',
        ms: 0,
        detail: String(error),
      }),
    )
  }
}

/** Longer than a verification takes. */
const staleMs = 15 * 60_000

/** Namespaces that a verification cut short has left; one that is younger may be of another that is under way. */
async function removeStale(kube: KubeClient, now: Date): Promise<void> {
  const stale = await kube.list(
    { apiVersion: 'v1', kind: 'Namespace' },
    undefined,
    `labelSelector=${verifyLabel}%3Dtrue`,
  )
  const old = stale.filter(
    (one) => now.getTime() - Date.parse(textAt(one, 'metadata', 'creationTimestamp')) > staleMs,
  )
  await Promise.all(old.map((one) => kube.delete(namespaceObject(nameOf(one)))))
}

async function echoPods(
  kube: Listing,
  namespace: string,
  machines: readonly Machine[],
): Promise<ReadonlyMap<string, EchoPod>> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, namespace, 'labelSelector=app%3Decho')
  const byNode = groupBy(pods, (one) => textAt(one, 'spec', 'nodeName'))
  const found = machines.map(({ spec: { name } }): [string, EchoPod] => {
    const [pod] = byNode.get(name) ?? []
    if (!pod) throw new NotSoYet(`no Pod on ${name}`)
    if (condition(pod, 'Ready') !== 'True') {
      const waiting = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'message')
      throw new NotSoYet(`the Pod on ${name} is not ready${waiting ? `: ${waiting}` : ''}`)
    }
    return [name, { name: nameOf(pod), node: name, ip: textAt(pod, 'status', 'podIP') }]
  })
  return new Map(found)
}
