import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../src/kubernetes/client/api-error.js'
import { cordonedLabel } from '../../../../src/steps/rollout/cordon.js'
import { drain, evictPods, uncordon } from '../../../../src/steps/rollout/drain.js'
import { nodesApi as apiOf, type NodesWorld as World } from '../../../support/nodes-api.js'

const onW1 = `fieldSelector=${encodeURIComponent('spec.nodeName=w1')}`

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

  it('asks again where the API server could not answer, and no longer once the run lost the cluster', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }] }
    const { client } = apiOf(world)
    const failures = [
      new ApiError(500, 'InternalError', 'etcdserver: leader changed'),
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    ]
    const evict = client.evict
    const shaky = {
      ...client,
      evict: async (...args: Parameters<typeof evict>) => {
        const error = failures.shift()
        if (error) throw error
        return evict(...args)
      },
    }
    await drain(shaky, 'w1', settings())
    expect(world.pods).toEqual([])
    const other = apiOf({ nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }] })
    await expect(
      evictPods(other.client, 'w1', { ...settings(), ended: () => 'taken over by b@laptop' }),
    ).rejects.toMatchObject({ message: 'the drain of w1 was ended', why: 'taken over by b@laptop' })
    expect(other.asked).toEqual([])
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
    const held =
      "eviction must wait: default/b: Cannot evict pod as it would violate the pod's disruption budget."
    expect(how.told).toEqual([
      held,
      `1 of 2 Pods evicted; ${held}`,
      '1 of 2 Pods evicted; evicting default/b',
    ])
  })

  it('goes by a watch while it waits, and is over when a LIST says so', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }], stays: true }
    const { client } = apiOf(world)
    const how = settings()
    const began = how.now().getTime()
    const at = (): number => (how.now().getTime() - began) / 1_000
    const asked: string[] = []
    const list: typeof client.list = (...which) => {
      asked.push(`list ${at()}`)
      return client.list(...which)
    }
    // behind, and then ahead
    const watched: typeof client.watched = async (ref) => {
      if (ref.kind === 'Node') return []
      if (at() >= 4) world.pods = []
      return at() >= 3 ? [] : [...(await client.list({ kind: 'Pod', apiVersion: 'v1' }, undefined, onW1))]
    }
    await evictPods({ ...client, list, watched }, 'w1', how)
    expect(asked).toEqual(['list 0', 'list 3', 'list 3.25', 'list 3.5', 'list 3.75', 'list 4'])
  })

  it('waits for a Pod whose namespace is being deleted, as kubectl drain does', async () => {
    const world: World = {
      nodes: { w1: {}, w2: {} },
      pods: [{ name: 'a', node: 'w1' }],
      terminating: { a: 3 },
    }
    const { client, asked } = apiOf(world)
    const how = settings()
    await drain(client, 'w1', how)
    expect(asked.filter((one) => one.startsWith('evict a'))).toHaveLength(3)
    expect(how.told).toEqual([expect.stringMatching(/^eviction must wait: default\/a: .* being terminated$/)])
  })

  it('does not end in failure by the word of a watch that is late', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }] }
    const { client } = apiOf(world)
    // as things were when it was first asked
    const stale = await client.list({ apiVersion: 'v1', kind: 'Pod' }, undefined, onW1)
    const watched: typeof client.watched = async (ref) => (ref.kind === 'Node' ? [] : stale)
    await evictPods({ ...client, watched }, 'w1', settings())
    expect(world.pods).toEqual([])
  })

  it('asks for no eviction of a Pod that is to be deleted already', async () => {
    const world: World = { nodes: { w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1', ending: true }] }
    const { client, asked } = apiOf(world)
    await expect(evictPods(client, 'w1', settings())).rejects.toMatchObject({
      why: 'still running: default/a',
    })
    expect(asked).toEqual([])
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

  it('evicts the Pods that tolerate the taint of another node, and leaves those that no other node takes', async () => {
    const world: World = {
      nodes: { w1: {}, w2: { taint: 'dedicated' } },
      pods: [
        { name: 'a', node: 'w1', tolerates: 'dedicated' },
        { name: 'b', node: 'w1' },
        { name: 'bare', node: 'w1', owner: '' },
      ],
    }
    const { client, asked } = apiOf(world)
    const how = settings()
    await drain(client, 'w1', how)
    expect(asked).toEqual(['patch w1 true', 'evict a policy/v1'])
    expect(world.pods.map(({ name }) => name)).toEqual(['b', 'bare'])
    expect(how.told).toContain('no other node takes 2 Pods: default/b, default/bare: they stay')
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

  it('ends when it is told to stop, with the state in words', async () => {
    const world: World = {
      nodes: { w1: {}, w2: {} },
      pods: [{ name: 'a', node: 'w1' }],
      refusals: { a: 1000 },
    }
    const { client } = apiOf(world)
    const stop = new AbortController()
    const how = settings()
    const sleep = async (ms: number): Promise<void> => {
      stop.abort()
      await how.sleep(ms)
    }
    await expect(evictPods(client, 'w1', { ...how, sleep, signal: stop.signal })).rejects.toMatchObject({
      kind: 'interrupted',
      message: 'the drain of w1 was interrupted',
      why: 'w1 is cordoned; still on it: default/a',
    })
  })

  it('of a node whose kubelet is not heard waits for no end of a Pod, of another it does', async () => {
    const pods = [{ name: 'a', node: 'w1' }]
    const unheard: World = { nodes: { w1: { ready: false }, w2: {} }, pods: [...pods], stays: true }
    await evictPods(apiOf(unheard).client, 'w1', settings())
    expect(unheard.pods).toEqual([{ name: 'a', node: 'w1', ending: true }])
    const heard: World = { nodes: { w1: {}, w2: {} }, pods: [...pods], stays: true }
    await expect(evictPods(apiOf(heard).client, 'w1', settings())).rejects.toMatchObject({
      message: 'w1 was not drained within 10 s',
      why: 'still running: default/a',
    })
  })
})
