import { describe, expect, it } from 'vitest'
import { hopEffects } from '../../../src/upgrade/hop-effects.js'
import { type Hop, hopsTo } from '../../../src/upgrade/hops.js'
import type { NodeRuns } from '../../../src/upgrade/node-runs.js'
import { supplyOf } from '../../../src/upgrade/supply.js'
import { plane, threeAndTwo, worker } from '../../support/node-runs.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const spec = (planes: number) =>
  clusterSpec({
    hosts: [
      ...Array.from({ length: planes }, (_, i) => hostSpec({ name: `cp${i + 1}` })),
      ...['w1', 'w2'].map((name) => hostSpec({ name, roles: ['worker'] })),
    ],
  })

function hop(nodes: readonly NodeRuns[], to: string): Hop {
  const found = hopsTo({ nodes, unknown: [] }, to, supplyOf('download', undefined))
  const [one] = 'hops' in found ? found.hops : []
  if (!one) throw new Error('no hop')
  return one
}

describe('What a hop interrupts', () => {
  it('of a minor: static Pods of each control plane, and each node is drained', () => {
    const found = hopEffects(spec(3), hop(threeAndTwo('1.35.7'), '1.36.3'))
    expect(found.hosts).toEqual([
      ...['cp1', 'cp2', 'cp3'].map((host) => ({
        host,
        recreates: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
        restarts: ['kubelet.service'],
        drained: true,
      })),
      ...['w1', 'w2'].map((host) => ({ host, recreates: [], restarts: ['kubelet.service'], drained: true })),
    ])
    expect(found.apiGapSeconds).toBe(1.7)
    expect(found.workloads).toContain('DaemonSet kube-proxy')
  })

  it('of a patch release: nothing is drained, and etcd stays where its version does', () => {
    const found = hopEffects(spec(3), hop(threeAndTwo('1.36.2'), '1.36.3'))
    expect(found.hosts[0]).toEqual({
      host: 'cp1',
      recreates: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
      restarts: ['kubelet.service'],
      drained: false,
    })
    expect(found.apiGapSeconds).toBe(0.3)
  })

  it('of what is left of it: those hosts alone', () => {
    const found = hopEffects(spec(1), hop([plane('cp1', '1.36.3'), worker('w1', '1.35.7')], '1.36.3'))
    expect(found).toMatchObject({ hosts: [{ host: 'w1', drained: true }], apiGapSeconds: 0, workloads: [] })
  })

  it('with one control plane: how long the API does not answer was not measured', () => {
    expect(hopEffects(spec(1), hop([plane('cp1', '1.36.2')], '1.36.3')).apiGapSeconds).toBeNull()
  })

  it('takes longer where workers go one by one', () => {
    const nodes = threeAndTwo('1.35.7')
    const at = (maxUnavailable: number): number =>
      hopEffects({ ...spec(3), rollout: { ...spec(3).rollout, maxUnavailable } }, hop(nodes, '1.36.3'))
        .seconds
    expect(at(1)).toBeGreaterThan(at(2))
  })
})
