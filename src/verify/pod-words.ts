import type { Json, KubeClient } from '../kubernetes/client/kube-client.js'
import { at, condition, listAt, nameOf, textAt } from '../kubernetes/read.js'

/** Of so many pods, so many last lines each: enough to see why. */
const mostPods = 3
const tailLines = 8

/**
 * What pods of a namespace say that are neither ready nor done, or that crash: how their containers ended, and the last lines of
 * their logs, each line with the pod's name. '' where none says anything.
 * @param query a label selector of the API, already encoded
 */
export async function podWords(kube: KubeClient, namespace: string, query?: string): Promise<string> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, namespace, query)
  const open = pods.filter((pod) => textAt(pod, 'status', 'phase') !== 'Succeeded')
  const isReady = (pod: Json): boolean => condition(pod, 'Ready') === 'True'
  // between two crashes a pod may be ready for a moment
  const bad = [
    ...open.filter((pod) => !isReady(pod)),
    ...open.filter((pod) => isReady(pod) && restarts(pod) > 1),
  ]
  const said = await Promise.all(bad.slice(0, mostPods).map((pod) => wordsOf(kube, namespace, pod)))
  return said.flat().join('\n')
}

/** The same of pods whatever their state, for what only their logs tell. */
export async function lastLines(kube: KubeClient, namespace: string, query: string): Promise<string> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, namespace, query)
  const said = await Promise.all(pods.slice(0, mostPods).map((pod) => wordsOf(kube, namespace, pod)))
  return said.flat().join('\n')
}

const restarts = (pod: Json): number =>
  listAt(pod, 'status', 'containerStatuses').reduce<number>(
    (sum, status) => sum + Number(at(status, 'restartCount') ?? 0),
    0,
  )

async function wordsOf(kube: KubeClient, namespace: string, pod: Json): Promise<string[]> {
  const lines = await Promise.all(
    listAt(pod, 'status', 'containerStatuses').map(async (status) => {
      const ended = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated')
      const code = at(ended, 'exitCode')
      const how = [textAt(ended, 'reason'), textAt(ended, 'message')].filter(Boolean).join(': ')
      return [
        ...(typeof code === 'number' ? [`ended with ${code}${how ? ` (${how})` : ''}`] : []),
        ...(await logOf(kube, namespace, nameOf(pod), status)),
      ]
    }),
  )
  return lines.flat().map((line) => `${nameOf(pod)}: ${line}`)
}

/** The log of the container that runs; of one that waits to be started again that of the run before. */
async function logOf(kube: KubeClient, namespace: string, pod: string, status: unknown): Promise<string[]> {
  const container = encodeURIComponent(textAt(status, 'name'))
  const before = at(status, 'state', 'waiting') !== undefined && Number(at(status, 'restartCount') ?? 0) > 0
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}&tailLines=${tailLines}${before ? '&previous=true' : ''}`
  // a kubelet that does not give a log leaves us without one; the check itself says what is wrong
  const { status: code, body } = await kube.text(path, { timeoutMs: 5_000 }).catch(() => nothing)
  return code === 200 ? body.split('\n').filter((line) => line.trim() !== '') : []
}

const nothing = { status: 0, body: '' }
