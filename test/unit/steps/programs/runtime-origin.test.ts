import { expect, it } from 'vitest'
import { buildGraph } from '../../../../src/engine/graph.js'
import { releasedContainerd } from '../../../../src/runtimes/containerd/released.js'
import { runtimeOrigin, runtimeOriginId } from '../../../../src/steps/programs/runtime-origin.js'
import { up } from '../../../../src/workflows/up.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const node = machine({ name: 'w1', roles: ['worker'] })
const nodesOf = (over: Parameters<typeof contextOf>[1] = {}) =>
  buildGraph(up.phases, contextOf([machine(), node], over)).nodes

it('a downloaded containerd is not replaced by one of packages', async () => {
  const files = { '/var/lib/kubestrap/archives/containerd': 'x', '/usr/local/bin/containerd': 'x' }
  const step = runtimeOrigin({ ...node, host: fakeHost('w1', { files }) })
  const states = await step.probe()
  expect(() => step.diff(states)).toThrow('containerd was downloaded')
  const without = runtimeOrigin({ ...node, host: fakeHost('w1') })
  expect(without.diff(await without.probe())).toEqual([])
})

it('that is known before anything of the runtime changes', () => {
  const nodes = nodesOf()
  const waiting = nodes.filter(({ after }) => after.includes(`w1/${runtimeOriginId}`)).map(({ key }) => key)
  expect(waiting).toContain('w1/packages:node')
  expect(waiting.length).toBeGreaterThan(1)
  expect(nodesOf({ runtime: releasedContainerd }).some(({ step: { id } }) => id === runtimeOriginId)).toBe(
    false,
  )
})
