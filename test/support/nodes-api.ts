import { ApiError, apiError } from '../../src/kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../../src/kubernetes/client/kube-client.js'

export interface NodesWorld {
  nodes: Record<
    string,
    { unschedulable?: boolean; ready?: boolean; labels?: Record<string, string>; taint?: string }
  >
  pods: { name: string; node: string; owner?: string; ending?: true; tolerates?: string }[]
  /** Pods whose kubelet does not end them. */
  stays?: true
  /** How often a budget refuses each Pod. */
  refusals?: Record<string, number>
  /** Pods whose namespace is being deleted: how many evictions are refused until they are gone with it. */
  terminating?: Record<string, number>
  /** Runs before each write of a Node. */
  between?: (turn: number) => void
}

/** What the NamespaceLifecycle admission of a real API server (1.20.2) answers. */
const namespaceTerminating = (pod: string): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `pods "${pod}" is forbidden: unable to create new content in namespace going because it is being terminated`,
    reason: 'Forbidden',
    details: {
      name: pod,
      kind: 'pods',
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: 'namespace going is being terminated',
          field: 'metadata.namespace',
        },
      ],
    },
    code: 403,
  })

/** An API of Nodes with versions, and of Pods that are gone once they are evicted. */
export function nodesApi(world: NodesWorld) {
  const asked: string[] = []
  const versions = new Map(Object.keys(world.nodes).map((name) => [name, 1]))
  let turn = 0
  const nodeOf = (name: string): Json | undefined => {
    const node = world.nodes[name]
    return (
      node && {
        metadata: { name, resourceVersion: String(versions.get(name)), labels: node.labels ?? {} },
        spec: {
          ...(node.unschedulable ? { unschedulable: true } : {}),
          ...(node.taint ? { taints: [{ key: node.taint, effect: 'NoSchedule' }] } : {}),
        },
        status: { conditions: [{ type: 'Ready', status: node.ready === false ? 'Unknown' : 'True' }] },
      }
    )
  }
  const refuse = async (): Promise<never> => {
    throw new Error('not asked for here')
  }
  const list: KubeClient['list'] = async ({ kind }, _, query) =>
    kind === 'Node'
      ? Object.keys(world.nodes).flatMap((name): Json[] => {
          const node = nodeOf(name)
          return node ? [node] : []
        })
      : world.pods
          .filter(({ node }) => query === `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`)
          .map(({ name, owner = 'ReplicaSet', ending, tolerates }) => ({
            metadata: {
              name,
              namespace: 'default',
              uid: name,
              ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
              ...(owner ? { ownerReferences: [{ kind: owner, controller: true }] } : {}),
            },
            ...(tolerates ? { spec: { tolerations: [{ key: tolerates, operator: 'Exists' }] } } : {}),
          }))
  const client: KubeClient = {
    get: async ({ metadata }) => nodeOf(metadata.name),
    list,
    watched: list,
    patch: async ({ metadata: { name } }, patch) => {
      world.between?.(++turn)
      const { metadata, spec } = patch as {
        metadata: { resourceVersion: string; labels: Record<string, string | null> }
        spec: { unschedulable: boolean | null }
      }
      if (metadata.resourceVersion !== String(versions.get(name)))
        throw new ApiError(409, 'Conflict', 'changed')
      asked.push(`patch ${name} ${spec.unschedulable}`)
      const node = world.nodes[name]
      if (!node) throw new ApiError(404, 'NotFound', 'gone')
      node.unschedulable = spec.unschedulable === true
      for (const [key, value] of Object.entries(metadata.labels)) {
        node.labels = { ...node.labels }
        if (value === null) delete node.labels[key]
        else node.labels[key] = value
      }
      versions.set(name, (versions.get(name) ?? 0) + 1)
      return {}
    },
    evict: async ({ name }, apiVersion) => {
      asked.push(`evict ${name} ${apiVersion}`)
      const ends = world.terminating?.[name]
      if (ends !== undefined) {
        world.terminating = { ...world.terminating, [name]: ends - 1 }
        if (ends === 1) world.pods = world.pods.filter((pod) => pod.name !== name)
        throw apiError(
          'POST',
          `/api/v1/namespaces/going/pods/${name}/eviction`,
          403,
          namespaceTerminating(name),
        )
      }
      const left = world.refusals?.[name] ?? 0
      if (left > 0) {
        world.refusals = { ...world.refusals, [name]: left - 1 }
        throw new ApiError(
          429,
          'TooManyRequests',
          "Cannot evict pod as it would violate the pod's disruption budget.",
        )
      }
      world.pods = world.stays
        ? world.pods.map((pod) => (pod.name === name ? { ...pod, ending: true } : pod))
        : world.pods.filter((pod) => pod.name !== name)
    },
    create: refuse,
    createOwn: refuse,
    delete: refuse,
    text: refuse,
    channels: refuse,
    close: () => {},
  }
  return {
    client,
    asked,
    touch: (name: string, change: NodesWorld['nodes'][string]) => {
      Object.assign(world.nodes[name] ?? {}, change)
      versions.set(name, (versions.get(name) ?? 0) + 1)
    },
  }
}
