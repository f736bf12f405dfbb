import { type Context, controlPlanes } from '../cluster/context.js'
import { openApi } from '../cluster/kube-access.js'
import type { Machine } from '../cluster/machine.js'
import { clusterTarget } from '../engine/step.js'
import { jsonOf } from '../kubernetes/client/bad-answer.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { at, condition, conditionOf, nameOf, textAt } from '../kubernetes/read.js'
import type { GoneApi, Release } from '../kubernetes/releases/release.js'
import { certificateRows } from '../operations/certificates.js'
import { etcdMembers } from '../operations/etcd-rows.js'
import { look } from '../operations/look.js'
import type { Closer } from '../preflight/closer.js'
import type { GoneObjects, Looked, Looks, NodeState } from './checks/check.js'
import { readConfigurationFiles } from './configuration-files.js'
import { type DeprecatedRequest, deprecatedRequests } from './deprecated-requests.js'
import { oldWritings } from './last-writers.js'

/** No look takes longer on a cluster that is well; /metrics of a busy API server and long lists are megabytes. */
const patienceMs = 60_000

/**
 * Reads what the checks of an upgrade need of the living cluster; nothing is changed, and what could not be read is told as
 * that. Objects of APIs that go are read by the API that stays: a read by the other would count as a use of it.
 * @param to the release of the first hop: what goes later is still served after it, and read then
 */
export async function lookAtCluster(
  context: Context,
  to: Release,
  kubelets: Closer['kubelets'],
): Promise<Looks> {
  const planes = controlPlanes(context).filter(({ facts }) => facts.kubernetes)
  const onEach = async <T>(
    what: string,
    ask: (context: Context, machine: Machine) => Promise<T>,
  ): Promise<Map<string, Looked<T>>> =>
    new Map(
      await Promise.all(
        planes.map(
          async (machine) =>
            [machine.spec.name, await look(what, patienceMs, ask(context, machine))] as const,
        ),
      ),
    )
  const [requests, configurations, gone, nodes, etcd, certificates] = await Promise.all([
    onEach('requests for deprecated APIs', requestsOf),
    onEach('configuration files', readConfigurationFiles),
    look(
      'objects of APIs that go',
      patienceMs,
      context.kube().then((kube) => goneObjects(kube, to.goneApis)),
    ),
    look('nodes', patienceMs, nodeStates(context)),
    look('etcd', patienceMs, etcdMembers(context)),
    look('certificates', patienceMs, certificateRows(context)),
  ])
  return { requests, configurations, gone, nodes, etcd, certificates, kubelets }
}

async function requestsOf(context: Context, machine: Machine): Promise<DeprecatedRequest[]> {
  const http = await openApi(machine, context.spec.apiServer.bindPort, context)
  if (!http) throw new Error(`${machine.spec.name} has no admin.conf`)
  try {
    const { status, body } = await http.send('GET', '/metrics', { timeoutMs: patienceMs })
    if (status !== 200) throw new Error(`its API server answers ${status} to /metrics`)
    return deprecatedRequests(body)
  } finally {
    http.close()
  }
}

/** Objects of APIs, and who wrote them by those; as the API has them. */
export async function goneObjects(
  kube: Pick<KubeClient, 'text'>,
  apis: readonly GoneApi[],
): Promise<GoneObjects[]> {
  return Promise.all(
    apis.map(async ({ apiVersion, resource, instead }) => {
      const items = await listOf(kube, instead ?? apiVersion, resource)
      return {
        apiVersion,
        resource,
        instead,
        objects: items.map(nameOf),
        writings: oldWritings(items, apiVersion),
      }
    }),
  )
}

/** Objects of a resource; none where the API is not served. */
async function listOf(
  kube: Pick<KubeClient, 'text'>,
  apiVersion: string,
  resource: string,
): Promise<readonly unknown[]> {
  const path = `/apis/${apiVersion}/${resource}`
  const { status, body } = await kube.text(path, { timeoutMs: patienceMs })
  if (status === 404) return []
  const items = status === 200 ? at(jsonOf(`GET ${path}`, { body, host: clusterTarget }), 'items') : undefined
  // an empty list is null in Go
  if (items === null) return []
  if (!Array.isArray(items)) throw new Error(`the API answers ${status} to GET ${path}`)
  return items
}

async function nodeStates(context: Context): Promise<NodeState[]> {
  const kube = await context.kube()
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' })
  return nodes.map((node) => ({
    name: nameOf(node),
    ready: condition(node, 'Ready') === 'True',
    message: textAt(conditionOf(node, 'Ready'), 'message'),
    cordoned: at(node, 'spec', 'unschedulable') === true,
  }))
}
