import { describe, expect, test } from 'vitest'
import type { Upgrade } from '../../../src/cluster/upgrade.js'
import {
  refusePartOfRuntimeChange,
  runtimeChangeWords,
} from '../../../src/preflight/refuse-runtime-change.js'
import { runtimeChangeOf } from '../../../src/preflight/runtime-change-of.js'
import { type Leaves, refusalsOf } from '../../../src/preflight/unchangeable.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const machines = ['cp1', 'w1', 'w2'].map((name, i) =>
  machine(
    { name, address: `10.88.0.${i + 11}`, roles: [i === 0 ? 'control-plane' : 'worker'] },
    { kubernetes: true },
  ),
)
const context = contextOf(machines, { runtime: containerd })
const leaves: Leaves = (is, wanted) => is === 'docker' && wanted === 'containerd'
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
    const found = runtimeChangeOf(context, disk, living, leaves)
    expect({ ...found, nodes: [...(found?.nodes ?? [])] }).toEqual({ from: 'docker', nodes: expected })
  })

  test.each([
    ['all run the inventory’s', runs(['w1', 'containerd']), [node('w1', 'containerd://1.6')]],
    [
      'a damaged file of a kubelet seems to say docker',
      runs(['w1', 'docker']),
      [node('w1', 'containerd://1.6')],
    ],
    ['it is a node of another run', runs(), [node('other', 'docker://20')]],
    ['it cannot be left', runs(['w1', '/run/other.sock']), [node('w1', '')]],
  ])('are none where %s', (_, disk, nodes) => {
    expect(runtimeChangeOf(context, disk, { nodes }, leaves)).toBe(undefined)
  })

  test('are no machines that are no nodes yet, whatever an old Node object says', () => {
    const fresh = contextOf([machine({ name: 'cp2', roles: ['control-plane'] }, { kubernetes: false })], {
      runtime: containerd,
    })
    expect(runtimeChangeOf(fresh, runs(), { nodes: [node('cp2', 'docker://20')] }, leaves)).toBe(undefined)
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
  const change = { from: docker, nodes: new Set(['cp1', 'w1']), silent: false }
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
      expect.objectContaining({ kind: 'usage' }),
    )
    expect(() => refusePartOfRuntimeChange(change, undefined, { to: 'containerd', some: true })).toThrowError(
      expect.objectContaining({ kind: 'usage' }),
    )
    expect(() =>
      refusePartOfRuntimeChange(change, undefined, { to: 'containerd', some: false }),
    ).not.toThrow()
  })

  test('of a node that was away during it and an upgrade is no dead end', () => {
    const late = { ...change, nodes: new Set(['w1']) }
    expect(() => refusePartOfRuntimeChange(late, upgrade, { to: 'containerd', some: false })).toThrowError(
      expect.objectContaining({ next: expect.stringContaining('kubestrap remove w1') }),
    )
    expect(() =>
      refusePartOfRuntimeChange(change, { ...upgrade, planes: ['cp1'] }, { to: 'containerd', some: false }),
    ).toThrowError(
      expect.objectContaining({ next: expect.stringContaining('set kubernetes.version to 1.23.17') }),
    )
  })

  test('is told in a sentence', () => {
    expect(runtimeChangeWords(change, 'containerd', undefined)).toBe(
      'container runtime from docker to containerd, one node after the other, each after a drain: cp1, w1',
    )
    expect(runtimeChangeWords(change, 'containerd', new Set(['w1', 'w9']))).toMatch(/: w1$/)
    expect(runtimeChangeWords(change, 'containerd', new Set(['w9']))).toBe(undefined)
  })
})
