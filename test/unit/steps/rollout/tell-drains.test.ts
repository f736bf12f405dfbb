import { describe, expect, it } from 'vitest'
import { type Effect, effectWords } from '../../../../src/engine/effect.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import type { Finding } from '../../../../src/engine/plan.js'
import { containerd } from '../../../../src/runtimes/containerd/containerd.js'
import { docker } from '../../../../src/runtimes/docker/docker.js'
import { tellDrains } from '../../../../src/steps/rollout/tell-drains.js'
import { contextOf, machine } from '../../../support/context.js'
import { memoryStep, phaseOf } from '../../engine/memory-step.js'

const restartOf = (name: string): Effect => ({ kind: 'restart', of: 'unit', name })

const effectsOf = (runtime: typeof docker, living: boolean): unknown => {
  const one = machine({ name: 'w1', roles: ['worker'] }, { kubernetes: living })
  const graph = buildGraph([phaseOf('p', memoryStep([], 'w1/file'))], undefined)
  const finding: Finding = {
    kind: 'differs',
    observed: undefined,
    changes: [
      { kind: 'update', summary: 'write', effects: [restartOf(runtime.unit), restartOf('kubelet.service')] },
    ],
  }
  const told = tellDrains(contextOf([one], { runtime }), graph, new Map([['w1/file', finding]])).get(
    'w1/file',
  )
  return told?.kind === 'differs' && told.changes[0]?.effects?.map(effectWords)
}

describe('a plan', () => {
  it('says what is drained before its runtime restarts', () => {
    expect(effectsOf(docker, true)).toEqual([
      'restarts docker.service after a drain',
      'restarts kubelet.service',
    ])
  })

  it('says so of no machine that is no node yet, and of no runtime whose containers go on', () => {
    expect(effectsOf(docker, false)).toContain('restarts docker.service')
    expect(effectsOf(containerd, true)).toContain('restarts containerd.service')
  })
})
