import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/cluster/context.js'
import { effectWords } from '../../../src/engine/effect.js'
import type { RunEvent } from '../../../src/engine/events.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { NotYet } from '../../../src/engine/late.js'
import type { Workflow } from '../../../src/engine/phase.js'
import { failedLooks, makePlan } from '../../../src/engine/plan.js'
import { runPlan } from '../../../src/engine/run.js'
import { drainLeaving } from '../../../src/phases/drain-leaving.js'
import { cordonedLabel } from '../../../src/steps/rollout/cordon.js'
import { drain, uncordon } from '../../../src/workflows/drain.js'
import { contextOf, machine } from '../../support/context.js'
import { type NodesWorld, nodesApi } from '../../support/nodes-api.js'

const how = { timeoutMs: 3_000, deleteEmptyDirData: true, force: false }
const cp1 = machine({ name: 'cp1', address: '10.88.0.11' }, { kubernetes: true })
const workers = ['w1', 'w2'].map((name, i) =>
  machine({ name, address: `10.88.0.2${i}`, roles: ['worker'] }, { kubernetes: true }),
)

function contextWith(world: NodesWorld, over: Partial<Context> = {}): { context: Context; asked: string[] } {
  const { client, asked } = nodesApi(world)
  let ahead = 0
  const context = contextOf([cp1, ...workers], {
    kube: Object.assign(async () => client, { renew: () => {} }),
    now: () => new Date(1_000_000 + ahead),
    sleep: async (ms) => {
      ahead += ms
    },
    ...over,
  })
  return { context, asked }
}

/** Plans and runs, as a command does: what a guard refuses ends all before anything is changed. */
async function run(
  { phases }: Workflow<Context>,
  context: Context,
): Promise<{ planned: string[]; error: unknown }> {
  const graph = buildGraph(phases, context)
  const plan = await makePlan(graph)
  const planned = [...plan.values()].flatMap((finding) =>
    finding.kind === 'differs'
      ? finding.changes.map(({ summary, effects = [] }) => [summary, ...effects.map(effectWords)].join('; '))
      : [],
  )
  const guard = failedLooks(graph, plan).find(({ node }) => node.step.guards)
  if (guard) return { planned, error: guard.error }
  const events: RunEvent[] = []
  const { errors } = await runPlan(graph, plan, {
    emit: (event) => events.push(event),
    now: () => context.now().getTime(),
    sleep: context.sleep,
  })
  return { planned, error: errors[0]?.error }
}

describe('drain', () => {
  it('cordons all first, as a person does, and then evicts from one after the other', async () => {
    const world: NodesWorld = {
      nodes: { cp1: {}, w1: { unschedulable: true, labels: { [cordonedLabel]: '1' } }, w2: {} },
      pods: [
        { name: 'a', node: 'w1' },
        { name: 'b', node: 'w2' },
        { name: 'agent', node: 'w1', owner: 'DaemonSet' },
      ],
    }
    const { context, asked } = contextWith(world)
    const { planned, error } = await run(drain(['w1', 'w2'], how), context)
    expect(error).toBeUndefined()
    expect(planned).toEqual([
      'cordon w1',
      'cordon w2',
      'drain w1 (evict 1 Pod: default/a)',
      'drain w2 (evict 1 Pod: default/b)',
    ])
    expect(asked.slice(0, 2).sort()).toEqual(['patch w1 true', 'patch w2 true'])
    expect(asked.slice(2)).toEqual(['evict a policy/v1beta1', 'evict b policy/v1beta1'])
    expect(world.nodes).toEqual({
      cp1: {},
      w1: { unschedulable: true, labels: {} },
      w2: { unschedulable: true, labels: {} },
    })
    // again: nothing to do
    expect((await run(drain(['w1', 'w2'], how), context)).planned).toEqual([])
  })

  it('changes nothing on any node where a Pod of one would be lost, and names it', async () => {
    const world: NodesWorld = {
      nodes: { cp1: {}, w1: {}, w2: {} },
      pods: [
        { name: 'a', node: 'w1' },
        { name: 'bare', node: 'w2', owner: '' },
      ],
    }
    const { context, asked } = contextWith(world)
    expect((await run(drain(['w1', 'w2'], how), context)).error).toMatchObject({
      message: 'w2 cannot be drained',
      why: 'Pod default/bare has no controller that recreates it',
      next: expect.stringContaining('--force'),
    })
    expect(asked).toEqual([])
    expect((await run(drain(['w1', 'w2'], { ...how, force: true }), context)).error).toBeUndefined()
    expect(world.pods).toEqual([])
  })

  it('says where no other node takes Pods, and evicts all the same, as kubectl does', async () => {
    const world: NodesWorld = {
      nodes: { cp1: { taint: 'node-role.kubernetes.io/master' }, w1: {}, w2: {} },
      pods: [{ name: 'a', node: 'w1' }],
    }
    const { context } = contextWith(world)
    const { planned, error } = await run(drain(['w1', 'w2'], how), context)
    expect(error).toBeUndefined()
    expect(planned).toContain(
      'drain w1 (evict 1 Pod: default/a); no other node takes 1 Pod: default/a: they stay Pending',
    )
    expect(world.pods).toEqual([])
  })

  it('of what is no Node, or where the API does not answer, is an error', async () => {
    const { context } = contextWith({ nodes: { cp1: {}, w2: {} }, pods: [] })
    expect((await run(drain(['w1'], how), context)).error).toMatchObject({
      message: 'w1 is not a node of the cluster',
    })
    const kube = Object.assign(() => Promise.reject(new Error('connect ECONNREFUSED')), { renew: () => {} })
    expect((await run(drain(['w1'], how), { ...context, kube })).error).toMatchObject({
      message: 'cannot read node w1 and its Pods from the Kubernetes API',
      why: 'connect ECONNREFUSED',
    })
  })
})

describe('uncordon', () => {
  it('takes back a cordon of a person and one of kubestrap', async () => {
    const world: NodesWorld = {
      nodes: {
        cp1: {},
        w1: { unschedulable: true },
        w2: { unschedulable: true, labels: { [cordonedLabel]: '1' } },
      },
      pods: [],
    }
    const { context } = contextWith(world)
    expect((await run(uncordon(['w1', 'w2']), context)).planned).toEqual(['uncordon w1', 'uncordon w2'])
    expect(world.nodes.w1?.unschedulable).toBe(false)
    expect(world.nodes.w2).toEqual({ unschedulable: false, labels: {} })
    expect((await run(uncordon(['w1', 'w2']), context)).planned).toEqual([])
  })
})

describe('hosts that leave', () => {
  const keys = (
    hosts: string[],
    over: { gone?: boolean; drain?: typeof how } = { drain: how },
    context?: Context,
  ) =>
    buildGraph(
      [drainLeaving({ hosts, gone: false, drain: undefined, ...over })],
      context ?? contextWith({ nodes: {}, pods: [] }).context,
    ).nodes.map(({ key }) => key)

  it('are drained, with a cordon that up takes back', async () => {
    const world: NodesWorld = { nodes: { cp1: {}, w1: {}, w2: {} }, pods: [{ name: 'a', node: 'w1' }] }
    const { context } = contextWith(world)
    const phase = drainLeaving({ hosts: ['w1'], gone: false, drain: how })
    expect(await run({ id: 'reset', phases: [phase] }, context)).toEqual({
      planned: ['cordon w1', 'drain w1 (evict 1 Pod: default/a)'],
      error: undefined,
    })
    expect(world.nodes.w1?.labels).toHaveProperty([cordonedLabel])
  })

  it('are not with --no-drain or --gone, with the whole cluster, or where they are no nodes yet', () => {
    expect(keys(['w1'])).toEqual(['cluster/cordon:w1', 'cluster/drain:w1'])
    expect(keys(['w1'], {})).toEqual([])
    expect(keys(['w1'], { drain: how, gone: true })).toEqual([])
    expect(keys(['cp1', 'w1', 'w2'])).toEqual([])
    const fresh = machine({ name: 'w3', address: '10.88.0.29', roles: ['worker'] }, { kubernetes: false })
    expect(keys(['w3'], { drain: how }, contextOf([cp1, fresh]))).toEqual([])
  })

  it('stop the run where the API does not answer though a control plane stays, and say what to do', async () => {
    const { context } = contextWith(
      { nodes: {}, pods: [] },
      { kube: Object.assign(() => Promise.reject(new NotYet('the API server')), { renew: () => {} }) },
    )
    const phase = drainLeaving({ hosts: ['w1'], gone: false, drain: how })
    expect((await run({ id: 'reset', phases: [phase] }, context)).error).toMatchObject({
      message: 'cannot read node w1 and its Pods from the Kubernetes API',
      next: expect.stringContaining('--no-drain'),
    })
    const unreached = { ...contextOf(workers), spec: context.spec }
    expect(() => keys(['w1'], { drain: how }, unreached)).toThrow(
      'w1 cannot be drained: no control plane node is reached',
    )
  })
})
