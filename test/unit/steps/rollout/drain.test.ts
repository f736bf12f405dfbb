import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../src/kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { cordonedLabel } from '../../../../src/steps/rollout/cordon.js'
import { drain, uncordon } from '../../../../src/steps/rollout/drain.js'

interface World {
  nodes: Record<
    string,
    { unschedulable?: boolean; ready?: boolean; labels?: Record<string, string>; taint?: string }
  >
  pods: { name: string; node: string; owner?: string }[]
  /** How often a budget refuses each Pod. */
  refusals?: Record<string, number>
  /** Runs before each write of a Node. */
  between?: (turn: number) => void
}

/** An API of Nodes with versions, and of Pods that are gone once they are evicted. */
function apiOf(world: World) {
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
  const client: KubeClient = {
    get: async ({ metadata }) => nodeOf(metadata.name),
    list: async ({ kind }, _, query) =>
      kind === 'Node'
        ? Object.keys(world.nodes).flatMap((name): Json[] => {
            const node = nodeOf(name)
            return node ? [node] : []
          })
        : world.pods
            .filter(({ node }) => query === `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`)
            .map(({ name, owner = 'ReplicaSet' }) => ({
              metadata: {
                name,
                namespace: 'default',
                uid: name,
                ...(owner ? { ownerReferences: [{ kind: owner, controller: true }] } : {}),
              },
            })),
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
      const left = world.refusals?.[name] ?? 0
      if (left > 0) {
        world.refusals = { ...world.refusals, [name]: left - 1 }
        throw new ApiError(
          429,
          'TooManyRequests',
          "Cannot evict pod as it would violate the pod's disruption budget.",
        )
      }
      world.pods = world.pods.filter((pod) => pod.name !== name)
    },
    create: refuse,
    delete: refuse,
    text: refuse,
    channels: refuse,
    close: () => {},
  }
  return {
    client,
    asked,
    touch: (name: string, change: World['nodes'][string]) => {
      Object.assign(world.nodes[name] ?? {}, change)
      versions.set(name, (versions.get(name) ?? 0) + 1)
    },
  }
}

const settings = (over: Partial<{ timeoutMs: number; force: boolean }> = {}) => {
  let clock = 1_000_000
  const told: string[] = []
  return {
    told,
    drain: { timeoutMs: 10_000, deleteEmptyDirData: true, force: false, ...over },
    eviction: 'policy/v1',
    now: () => new Date(clock),
    sleep: async (ms: number) => {
      clock += ms
    },
    progress: (message: string) => told.push(message),
  }
}

describe('a drain', () => {
  it('cordons with its mark, evicts, and is over when the Pods are gone', async () => {
    const world: World = {
      nodes: { w1: {}, w2: {} },
      pods: [
        { name: 'a', node: 'w1' },
        { name: 'b', node: 'w2' },
      ],
    }
    const { client, asked } = apiOf(world)
    await drain(client, 'w1', settings())
    expect(asked).toEqual(['patch w1 true', 'evict a policy/v1'])
    expect(world.nodes.w1).toEqual({ unschedulable: true, labels: { [cordonedLabel]: '1000' } })
    expect(world.pods).toEqual([{ name: 'b', node: 'w2' }])
  })

  it('again finds what the last one did, and cordons and evicts nothing twice', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }] }
    const { client, asked } = apiOf(world)
    await drain(client, 'w1', settings())
    await drain(client, 'w1', settings())
    expect(asked).toEqual(['patch w1 true', 'evict a policy/v1'])
  })

  it('waits for a budget, and asks again for that Pod alone', async () => {
    const world: World = {
      nodes: { w1: {}, w2: {} },
      pods: [
        { name: 'a', node: 'w1' },
        { name: 'b', node: 'w1' },
      ],
      refusals: { b: 2 },
    }
    const { client, asked } = apiOf(world)
    const how = settings()
    await drain(client, 'w1', how)
    expect(asked.filter((one) => one.startsWith('evict a'))).toHaveLength(1)
    expect(asked.filter((one) => one.startsWith('evict b'))).toHaveLength(3)
    expect(how.told.filter((line) => line.includes('disruption budget'))).toHaveLength(1)
  })

  it('ends in its time, with what the budget said; the node keeps its mark', async () => {
    const world: World = {
      nodes: { w1: {}, w2: {} },
      pods: [{ name: 'b', node: 'w1' }],
      refusals: { b: 1000 },
    }
    const { client } = apiOf(world)
    await expect(drain(client, 'w1', settings())).rejects.toMatchObject({
      message: 'w1 was not drained within 10 s',
      why: expect.stringContaining(
        "default/b: Cannot evict pod as it would violate the pod's disruption budget.",
      ),
    })
    expect(world.nodes.w1?.labels).toHaveProperty([cordonedLabel])
  })

  it('touches nothing where a Pod would be lost', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'bare', node: 'w1', owner: '' }] }
    const { client, asked } = apiOf(world)
    await expect(drain(client, 'w1', settings())).rejects.toMatchObject({
      message: 'w1 cannot be drained',
      why: 'Pod default/bare has no controller that recreates it',
    })
    expect(asked).toEqual([])
    await drain(client, 'w1', settings({ force: true }))
    expect(world.pods).toEqual([])
  })

  it.each([
    ['the only node', { w1: {} }],
    [
      'beside nodes that take no Pods',
      {
        w1: {},
        w2: { unschedulable: true },
        w3: { ready: false },
        cp1: { taint: 'node-role.kubernetes.io/master' },
      },
    ],
  ])('of %s leaves everything as it is, and says so', async (_, nodes) => {
    const world: World = { nodes, pods: [{ name: 'a', node: 'w1' }] }
    const { client, asked } = apiOf(world)
    const how = settings()
    await drain(client, 'w1', how)
    expect(asked).toEqual([])
    expect(how.told).toEqual(['no other node takes its Pods: they stay'])
  })

  it('counts on a node that was uncordoned a moment ago, whose taint the controller manager has not taken away yet', async () => {
    const world: World = {
      nodes: { w1: {}, w2: { taint: 'node.kubernetes.io/unschedulable' } },
      pods: [{ name: 'a', node: 'w1' }],
    }
    const { client } = apiOf(world)
    await drain(client, 'w1', settings())
    expect(world.pods).toEqual([])
  })

  it('leaves the cordon of a person alone, also one that comes in between, and uncordon does too', async () => {
    const world: World = { nodes: { w1: { unschedulable: true }, w2: {} }, pods: [{ name: 'a', node: 'w1' }] }
    const { client, asked } = apiOf(world)
    await drain(client, 'w1', settings())
    await uncordon(client, 'w1')
    expect(asked).toEqual(['evict a policy/v1'])
    expect(world.nodes.w1).toEqual({ unschedulable: true })

    const late: World = { nodes: { w1: {}, w2: {} }, pods: [] }
    const api = apiOf(late)
    late.between = (turn) => {
      if (turn === 1) api.touch('w1', { unschedulable: true })
    }
    late.pods = [{ name: 'a', node: 'w1' }]
    await drain(api.client, 'w1', settings())
    expect(late.nodes.w1?.labels).toBeUndefined()
    await uncordon(api.client, 'w1')
    expect(late.nodes.w1?.unschedulable).toBe(true)
  })

  it('is taken back by uncordon, also where somebody wrote in between', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [] }
    const { client, touch } = apiOf(world)
    world.pods = [{ name: 'a', node: 'w1' }]
    await drain(client, 'w1', settings())
    world.between = (turn) => {
      if (turn === 2) touch('w1', { ready: true })
    }
    await uncordon(client, 'w1')
    expect(world.nodes.w1).toMatchObject({ unschedulable: false, labels: {} })
  })
})
