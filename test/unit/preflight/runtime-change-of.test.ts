import { describe, expect, test } from 'vitest'
import type { Upgrade } from '../../../src/cluster/upgrade.js'
import {
  refusePartOfRuntimeChange,
  runtimeChangeWords,
} from '../../../src/preflight/refuse-runtime-change.js'
import { runtimeChangeOf } from '../../../src/preflight/runtime-change-of.js'
import { refusalsOf } from '../../../src/preflight/unchangeable.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const machines = ['cp1', 'w1', 'w2'].map((name, i) =>
  machine({ name, address: `10.88.0.${i + 11}`, roles: [i === 0 ? 'control-plane' : 'worker'] }),
)
const context = contextOf(machines, { runtime: containerd })
const node = (name: string, runtime: string) => ({ name, address: '', runtime, controlPlane: false })
const runs = (...of: [string, string][]) => ({ runtimes: new Map(of) })

describe('the nodes that leave their container runtime', () => {
  test.each([
    [
      'all, as API and disks say',
      runs(['cp1', 'docker'], ['w1', 'docker']),
      ['docker://20', 'docker://20', ''],
      ['cp1', 'w1'],
    ],
    [
      'one whose kubelet was told already and did not start',
      runs(['w1', 'containerd']),
      ['', 'docker://20', ''],
      ['w1'],
    ],
    ['one whose API is silent', runs(['cp1', 'docker']), undefined, ['cp1']],
  ])('%s', (_, disk, api, expected) => {
    const living = api && { nodes: api.map((runtime, i) => node(machines[i]?.spec.name ?? '', runtime)) }
    const found = runtimeChangeOf(context, disk, living)
    expect({ ...found, nodes: [...(found?.nodes ?? [])] }).toEqual({ from: 'docker', nodes: expected })
  })

  test('are none where all run the inventory’s, and none of another run’s', () => {
    expect(
      runtimeChangeOf(context, runs(['w1', 'containerd']), { nodes: [node('w1', 'containerd://1.6')] }),
    ).toBe(undefined)
    expect(runtimeChangeOf(context, runs(), { nodes: [node('other', 'docker://20')] })).toBe(undefined)
  })
})

test('a runtime that can be left is no refusal, any other is', () => {
  const told = [{ field: 'runtime' as const, is: 'docker', from: 'node w1' }]
  const spec = clusterSpec({ runtime: 'containerd' })
  expect(
    refusalsOf(spec, told, (is, wanted) => docker.leaving?.for.includes(wanted) === true && is === 'docker'),
  ).toEqual([])
  expect(refusalsOf(spec, told)).toMatchObject([{ field: 'runtime', wanted: 'containerd' }])
  expect(containerd.leaving).toBe(undefined)
})

describe('a change of the runtime', () => {
  const change = { from: docker, nodes: new Set(['cp1', 'w1']) }
  const upgrade: Upgrade = {
    from: '1.23.17',
    to: '1.24.17',
    planes: [],
    untouched: new Set(),
    begun: false,
    silent: false,
    kubelets: new Set(),
    drained: new Set(),
  }

  test('is not made together with an upgrade, nor in part', () => {
    expect(() => refusePartOfRuntimeChange(change, upgrade, { to: 'containerd', some: false })).toThrowError(
      expect.objectContaining({
        kind: 'usage',
        next: expect.stringContaining('set kubernetes.version to 1.23.17'),
      }),
    )
    expect(() => refusePartOfRuntimeChange(change, undefined, { to: 'containerd', some: true })).toThrowError(
      expect.objectContaining({ kind: 'usage' }),
    )
    expect(() =>
      refusePartOfRuntimeChange(change, undefined, { to: 'containerd', some: false }),
    ).not.toThrow()
  })

  test('is told in a sentence', () => {
    expect(runtimeChangeWords(change, 'containerd')).toBe(
      'container runtime from docker to containerd, one node after the other, each after a drain: cp1, w1',
    )
  })
})
