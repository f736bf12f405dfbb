import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Finding } from '../../../src/engine/plan.js'
import type { Change, Step } from '../../../src/engine/step.js'
import {
  type Interruption,
  needsConsent,
  type PlanSummary,
  summaryOf,
  type World,
} from '../../../src/engine/summary.js'
import type { Transaction } from '../../../src/engine/transaction.js'
import { memoryStep, phaseOf } from './memory-step.js'

const world = (living: readonly string[], over: Partial<World> = {}): World => ({
  living: new Set(living),
  birth: false,
  outages: {},
  ...over,
})
const differs = (...changes: Change[]): Finding => ({ kind: 'differs', changes, observed: undefined })
const converged: Finding = { kind: 'converged' }
const unknown: Finding = { kind: 'unknown', why: 'it depends on earlier changes' }

/** A step of a unit, as resources/service.ts makes it. */
const unitStep = (key: string, name: string, over: Partial<Step<boolean>> = {}): Step<boolean> =>
  memoryStep([], key, {
    restarts: { of: 'unit', name },
    disrupts: (changes) => (changes.some(({ kind }) => kind === 'restart') ? 'node' : undefined),
    ...over,
  })

const summed = (steps: [Step<boolean>, Finding][], around: World): PlanSummary => {
  const graph = buildGraph([phaseOf('p', ...steps.map(([step]) => step))], undefined)
  const plan = new Map(steps.map(([step, finding]) => [`${step.target}/${step.id}`, finding]))
  return summaryOf(graph, plan, around)
}

const nothing: Omit<Interruption, 'host'> = {
  restarts: [],
  recreates: [],
  workloads: [],
  resumed: [],
  removes: [],
  drained: false,
  lacks: [],
  maybe: [],
}

const edit: Change = {
  kind: 'update',
  summary: 'change /f',
  effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
}

describe('a summary counts', () => {
  test('changes by host, phase and kind, and steps by what was found', () => {
    const { hosts, steps } = summed(
      [
        [memoryStep([], 'w1/a'), differs({ kind: 'create', summary: 'x' }, { kind: 'create', summary: 'y' })],
        [memoryStep([], 'w1/b'), differs({ kind: 'install', summary: 'z' })],
        [memoryStep([], 'w1/c'), unknown],
        [memoryStep([], 'w2/a'), converged],
        [memoryStep([], 'w3/a'), { kind: 'failed', error: new Error('no answer') }],
      ],
      world([]),
    )
    expect(steps).toEqual({ converged: 1, changes: 2, unknown: 1, failed: 1 })
    expect(hosts).toEqual([
      { host: 'w1', phases: [{ phase: 'p', changes: { create: 2, install: 1 }, unknown: 1, failed: 0 }] },
      { host: 'w3', phases: [{ phase: 'p', changes: {}, unknown: 0, failed: 1 }] },
    ])
  })
})

describe('what is interrupted', () => {
  const file = memoryStep([], 'w1/file')

  test('is a unit that an effect names, with what its own step takes from the cluster', () => {
    const { interruptions } = summed(
      [
        [file, differs(edit)],
        [unitStep('w1/unit', 'kubelet.service'), converged],
      ],
      world(['w1']),
    )
    expect(interruptions).toEqual([
      { ...nothing, host: 'w1', restarts: ['kubelet.service'], lacks: ['node'] },
    ])
  })

  test('is asked for, but not where an earlier run left it to be done and no node is drained', () => {
    const kubelet = unitStep('w1/unit', 'kubelet.service')
    const resumed = summed([[kubelet, differs({ kind: 'restart', summary: 'r' })]], world(['w1']))
    expect(resumed.interruptions).toEqual([
      { ...nothing, host: 'w1', resumed: ['kubelet.service'], lacks: ['node'] },
    ])
    expect(needsConsent(resumed)).toBe(false)
    const begun = summed(
      [
        [file, differs(edit)],
        [kubelet, converged],
      ],
      world(['w1']),
    )
    expect(needsConsent(begun)).toBe(true)
  })

  test('is nothing on a host that is no part of the cluster', () => {
    const steps: [Step<boolean>, Finding][] = [
      [file, differs(edit)],
      [unitStep('w1/unit', 'kubelet.service'), differs({ kind: 'restart', summary: 'r' })],
    ]
    expect(summed(steps, world(['w2'])).interruptions).toEqual([])
    expect(summed(steps, world([], { birth: true })).interruptions).toEqual([])
  })

  test('is no unit that does not run: it is started', () => {
    const { interruptions } = summed(
      [
        [file, differs(edit)],
        [unitStep('w1/unit', 'kubelet.service'), differs({ kind: 'start', summary: 's' })],
      ],
      world(['w1']),
    )
    expect(interruptions).toEqual([])
  })

  test.each([
    ['a reload', 'reload'],
    ['a node or a member that joins', 'join'],
    ['what is created', 'create'],
    ['what is waited for', 'wait'],
  ] as const)('is nothing by %s', (_, kind) => {
    const step = memoryStep([], 'w1/x', { disrupts: () => 'etcd' })
    expect(summed([[step, differs({ kind, summary: 's' })]], world(['w1'])).interruptions).toEqual([])
  })

  test('is a node that is drained, by an effect and by the change itself', () => {
    const within: Transaction = { id: 'w1/node', holds: ['node'] }
    const docker = unitStep('w1/unit', 'docker.service', { within, vacates: () => true })
    const expected = [
      { ...nothing, host: 'w1', restarts: ['docker.service'], lacks: ['node'], drained: true },
    ]
    const effect = {
      ...edit,
      effects: [{ kind: 'restart', of: 'unit', name: 'docker.service' } as const],
    }
    expect(
      summed(
        [
          [file, differs(effect)],
          [docker, converged],
        ],
        world(['w1']),
      ).interruptions,
    ).toEqual(expected)
    const resumed = summed([[docker, differs({ kind: 'restart', summary: 'r' })]], world(['w1']))
    expect(resumed.interruptions).toEqual([
      { ...nothing, host: 'w1', resumed: ['docker.service'], lacks: ['node'], drained: true },
    ])
    expect(needsConsent(resumed)).toBe(true)
  })

  test('is a static Pod, with the longest of the times that were measured', () => {
    const pod = memoryStep([], 'cp1/pod', {
      restarts: { of: 'static-pod', name: 'etcd' },
      disrupts: () => 'etcd',
    })
    const manifest = memoryStep([], 'cp1/file')
    const change: Change = {
      kind: 'update',
      summary: 's',
      effects: [{ kind: 'recreate', of: 'static-pod', name: 'etcd' }],
    }
    const { interruptions } = summed(
      [
        [manifest, differs(change)],
        [pod, converged],
      ],
      world(['cp1'], { outages: { etcd: 1.7, api: 0.3 } }),
    )
    expect(interruptions).toEqual([
      { ...nothing, host: 'cp1', recreates: ['etcd'], lacks: ['etcd'], seconds: 1.7 },
    ])
  })

  test('is as long as what is away, also where it waits for the turn of something else', () => {
    const pod = memoryStep([], 'cp1/pod', {
      restarts: { of: 'static-pod', name: 'kube-apiserver' },
      disrupts: () => 'etcd',
      felt: 'api',
    })
    const restart: Change = {
      kind: 'update',
      summary: 's',
      effects: [{ kind: 'recreate', of: 'static-pod', name: 'kube-apiserver' }],
    }
    const outages = { etcd: 1.7, api: 0.3 }
    expect(
      summed(
        [
          [memoryStep([], 'cp1/file'), differs(restart)],
          [pod, converged],
        ],
        world(['cp1'], { outages }),
      ).interruptions,
    ).toEqual([{ ...nothing, host: 'cp1', recreates: ['kube-apiserver'], lacks: ['api'], seconds: 0.3 }])
  })

  test('is what is removed while the cluster lacks something, and no file that is only removed', () => {
    const leftovers = memoryStep([], 'w1/leftovers', { disrupts: () => 'balancer' })
    const remove: Change = { kind: 'remove', subjects: ['haproxy'], summary: 's' }
    expect(summed([[leftovers, differs(remove)]], world(['w1'])).interruptions).toEqual([
      { ...nothing, host: 'w1', removes: ['haproxy'], lacks: ['balancer'] },
    ])
    expect(summed([[file, differs(remove)]], world(['w1'])).interruptions).toEqual([])
  })

  test('may be what is known after apply only, where its step could interrupt', () => {
    expect(summed([[file, unknown]], world(['w1'])).interruptions).toEqual([])
    expect(summed([[unitStep('w1/unit', 'u'), unknown]], world(['w1'])).interruptions).toEqual([
      { ...nothing, host: 'w1', maybe: ['w1/unit'] },
    ])
    // an etcd member that joins: a birth that was cut goes on without a question
    const joins = { ...unitStep('w1/member', 'u'), adds: true } as const
    expect(summed([[joins, unknown]], world(['w1'])).interruptions).toEqual([])
  })
})
