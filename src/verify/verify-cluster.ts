import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { at, condition, listAt, nameOf, textAt } from '../kubernetes/read.js'
import { type Context, controlPlanes, nodes } from '../phases/context.js'
import type { Machine } from '../phases/machine.js'
import { askThrough } from './ask-through.js'
import { type CheckResult, check, NotSoYet, until, type VerifyOptions } from './check.js'
import { controlPlaneRunning, staticPodNames } from './control-plane-running.js'
import { nodeRows, nodesReady } from './nodes-ready.js'
import { systemPodsReady } from './system-pods.js'
import { daemonSet, namespaceObject, podPort, service, servicePort, verifyLabel } from './workload.js'

export interface VerifyResult {
  passed: boolean
  /** Rows of `kubectl get nodes`. */
  nodes: string[][]
}

/** A test pod, where it runs and how it is reached. */
interface EchoPod {
  node: string
  ip: string
}

/**
 * Whether the cluster works, seen as its users would: nodes, system pods, a pod on each node, pods
 * among each other, Services by address from pods and nodes, a NodePort on every node. What it starts
 * it takes away, also when it fails or is interrupted.
 */
export async function verifyCluster(context: Context, options: VerifyOptions): Promise<VerifyResult> {
  const results: CheckResult[] = []
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
  await check(watched, 'control plane running', () =>
    until(watched, context.sleep, 60_000, () => controlPlaneRunning(context, kube)),
  )
  await check(watched, 'nodes Ready', () =>
    until(watched, context.sleep, 90_000, () => nodesReady(kube, names)),
  )
  const mirrors = controlPlanes(context).flatMap(({ spec }) =>
    staticPodNames(context).map((pod) => `${pod}-${spec.name}`),
  )
  await check(watched, 'system pods running', () =>
    until(watched, context.sleep, 120_000, () => systemPodsReady(kube, mirrors, names.length)),
  )
  if (!options.lookOnly && results.every(({ status }) => status === 'passed'))
    await testTraffic(context, kube, machines, watched)
  return {
    passed: results.every(({ status }) => status === 'passed'),
    nodes: await nodeRows(kube).catch(() => []),
  }
}

async function testTraffic(
  context: Context,
  kube: KubeClient,
  machines: readonly Machine[],
  options: VerifyOptions,
): Promise<void> {
  const namespace = `kubestrap-verify-${context.random(3).toString('hex')}`
  let way: { pods: EchoPod[]; clusterIp: string; nodePort: number } | undefined
  try {
    await check(options, 'a pod on each node', async () => {
      await removeStale(kube)
      await kube.create(namespaceObject(namespace))
      // pods are refused until the controller manager has given the namespace its service account
      await until(options, context.sleep, 90_000, async () => {
        const account = await kube.get({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace },
        })
        if (!account) throw new NotSoYet('the controller manager has made no default service account')
      })
      const made = await kube.create(service(namespace))
      await kube.create(daemonSet(namespace, context.spec.verify.image))
      const pods = await until(options, context.sleep, 60_000, () => echoPods(kube, namespace, machines))
      way = {
        pods,
        clusterIp: textAt(made, 'spec', 'clusterIP'),
        nodePort: Number(at(made, 'spec', 'ports', 0, 'nodePort')),
      }
      return pods.map(({ node, ip }) => `${node} ${ip}`).join(', ')
    })
    if (way) await traffic(context, machines, way.pods, way.clusterIp, way.nodePort, options)
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

/** Namespaces that a verification cut short has left. */
async function removeStale(kube: KubeClient): Promise<void> {
  const stale = await kube.list(
    { apiVersion: 'v1', kind: 'Namespace' },
    undefined,
    `labelSelector=${verifyLabel}%3Dtrue`,
  )
  await Promise.all(stale.map((one) => kube.delete(namespaceObject(nameOf(one)))))
}

async function echoPods(
  kube: KubeClient,
  namespace: string,
  machines: readonly Machine[],
): Promise<EchoPod[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, namespace)
  return machines.map(({ spec: { name } }) => {
    const pod = pods.find((one) => textAt(one, 'spec', 'nodeName') === name)
    if (!pod) throw new NotSoYet(`no pod on ${name}`)
    if (condition(pod, 'Ready') !== 'True') {
      const waiting = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'message')
      throw new NotSoYet(`the pod on ${name} is not ready${waiting ? `: ${waiting}` : ''}`)
    }
    return { node: name, ip: textAt(pod, 'status', 'podIP') }
  })
}

/** Every way at once; each must end at a pod that says its node's name. */
async function traffic(
  context: Context,
  machines: readonly Machine[],
  pods: readonly EchoPod[],
  clusterIp: string,
  nodePort: number,
  options: VerifyOptions,
): Promise<void> {
  const known = pods.map(({ node }) => node)
  const expect = async (
    from: string,
    to: string,
    ask: () => Promise<string>,
    wanted: readonly string[],
  ): Promise<void> => {
    const answer = await until(options, context.sleep, 15_000, ask).catch((error: unknown) => {
      throw new Error(`${from} → ${to}: ${error instanceof Error ? error.message : error}`)
    })
    if (!wanted.includes(answer.trim()))
      throw new Error(`${from} → ${to}: answered "${answer.trim().slice(0, 60)}"`)
  }
  const podOf = (name: string): EchoPod => pods.find(({ node }) => node === name) ?? { node: name, ip: '' }
  const fromPod =
    ({ host, spec }: Machine, target: string) =>
    () =>
      askThrough(host, podOf(spec.name).ip, podPort, `/cgi-bin/fetch?${target}`)
  await Promise.all([
    check(options, 'pod to pod across nodes', async () => {
      const ways = machines.flatMap((from) =>
        pods.filter(({ node }) => node !== from.spec.name).map((to) => ({ from, to })),
      )
      await Promise.all(
        ways.map(({ from, to }) =>
          expect(`pod on ${from.spec.name}`, `pod on ${to.node}`, fromPod(from, `${to.ip}:${podPort}`), [
            to.node,
          ]),
        ),
      )
      return `${ways.length} ways`
    }),
    check(options, 'ClusterIP from pods', async () => {
      await Promise.all(
        machines.map((from) =>
          expect(
            `pod on ${from.spec.name}`,
            `${clusterIp}:${servicePort}`,
            fromPod(from, `${clusterIp}:${servicePort}`),
            known,
          ),
        ),
      )
      return clusterIp
    }),
    check(options, 'ClusterIP from nodes', async () => {
      await Promise.all(
        machines.map(({ host, spec }) =>
          expect(
            spec.name,
            `${clusterIp}:${servicePort}`,
            () => askThrough(host, clusterIp, servicePort),
            known,
          ),
        ),
      )
      return clusterIp
    }),
    check(options, 'NodePort on every node', async () => {
      // each asked from the next machine, so that the request comes from outside; alone, from itself
      await Promise.all(
        machines.map((to, i) => {
          const from = machines[(i + 1) % machines.length] ?? to
          return expect(
            from.spec.name,
            `${to.spec.address}:${nodePort}`,
            () => askThrough(from.host, to.spec.address, nodePort),
            known,
          )
        }),
      )
      return machines.map(({ spec }) => `${spec.address}:${nodePort}`).join(', ')
    }),
  ])
}
