import { describe, expect, it } from 'vitest'
import { asJson } from '../../../../src/cli/upgrade/plan-json.js'
import { asText } from '../../../../src/cli/upgrade/plan-text.js'
import { offered, type ShownPlan, stepsOf } from '../../../../src/cli/upgrade/shown-plan.js'
import { releases } from '../../../../src/kubernetes/releases/index.js'
import { hopEffects } from '../../../../src/upgrade/hop-effects.js'
import { hopsTo } from '../../../../src/upgrade/hops.js'
import type { NodeRuns } from '../../../../src/upgrade/node-runs.js'
import type { UpgradeFinding } from '../../../../src/upgrade/run-upgrade-checks.js'
import { type Supply, supplyOf } from '../../../../src/upgrade/supply.js'
import { threeAndTwo } from '../../../support/node-runs.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const hosts = ['cp1', 'cp2', 'cp3', 'w1', 'w2'].map((name) =>
  hostSpec({ name, roles: [name.startsWith('w') ? 'worker' : 'control-plane'] }),
)

function planOf(
  nodes: readonly NodeRuns[],
  wished: string,
  {
    supply = supplyOf('download', undefined),
    findings = [],
    version = wished,
  }: { supply?: Supply; findings?: readonly UpgradeFinding[]; version?: string } = {},
): ShownPlan {
  const spec = clusterSpec({ hosts, version, unset: [] })
  const seen = { nodes, unknown: [] }
  const wish = hopsTo(seen, wished, supply)
  const hops = 'hops' in wish ? wish.hops.map((hop) => ({ hop, effects: hopEffects(spec, hop) })) : []
  return { plan: { wished, seen, wish, hops, findings }, supply, spec, away: [], again: ' -i x.yaml' }
}

const finding = (over: Partial<UpgradeFinding> = {}): UpgradeFinding => ({
  check: 'RemovedFlags',
  host: 'w1',
  severity: 'error',
  ignored: false,
  what: 'a flag',
  next: 'remove it',
  hops: ['1.36.3'],
  ...over,
})

describe('The plan of every hop', () => {
  it.each(releases.slice(1).map((to, i) => [releases[i]?.patch ?? '', to.patch, to.untested] as const))(
    'from %s to %s names every host, and says whether the minor was tested',
    (from, to, untested) => {
      const shown = planOf(threeAndTwo(from), to)
      const text = asText(shown)
      expect(text).toContain(`One hop to Kubernetes ${to}.`)
      expect(text).toContain(`${from} → ${to}`)
      expect(text.includes('has not tested')).toBe(untested)
      expect(text).toContain('drained, kubelet restarted, uncordoned: cp1, cp2, cp3, w1, w2')
      expect(text).toContain('kubestrap up -i x.yaml')
      expect(asJson(shown)).toMatchObject({
        format: 1,
        wished: to,
        kind: 'minor',
        refused: null,
        hops: [{ from, to, untested, available: true }],
      })
    },
  )
})

describe('A plan for people', () => {
  it('has versions, nodes, the hop, what stands in the way and the commands', () => {
    const text = asText(
      planOf(threeAndTwo('1.36.2'), '1.36.3', {
        version: '1.36.2',
        supply: supplyOf('bundle', '1.36.3'),
        findings: [finding(), finding({ host: 'w2' }), finding({ severity: 'warning', check: 'NodesReady' })],
      }),
    )
    expect(text).toBe(`The bundle has Kubernetes 1.36.3.

NODE  API SERVER  KUBELET
cp1   1.36.2      1.36.2
cp2   1.36.2      1.36.2
cp3   1.36.2      1.36.2
w1    -           1.36.2
w2    -           1.36.2

One hop to Kubernetes 1.36.3.

1.36.2 → 1.36.3
  about 3m50s (an estimate)
  static Pods kube-apiserver, kube-controller-manager, kube-scheduler replaced, one after the other: cp1, cp2, cp3
  the API does not answer for up to 0.3 s at a time
  Pods of DaemonSet kube-proxy and Deployment coredns replaced
  kubelet restarted: cp1, cp2, cp3, w1, w2

In the way:
  error: [RemovedFlags] w1, w2: a flag
    → remove it

To know:
  warning: [NodesReady] w1: a flag
    → remove it

Nothing was changed; 2 problems stand in the way. When fixed:
  set kubernetes.version to "1.36.3" (inventory.yaml:1:1)
  kubestrap plan -i x.yaml
  kubestrap up -i x.yaml
`)
  })

  it('says of a refusal why, and what to do', () => {
    const text = asText(planOf(threeAndTwo('1.36.3'), '1.35.7'))
    expect(text).toContain(
      'Kubernetes 1.35.7 is older than what runs: a cluster cannot be downgraded:\n  kube-apiserver 1.36.3 on cp1',
    )
    expect(text).toContain('this upgrade is refused')
  })

  it('says where there is nothing to do, and where nothing is yet', () => {
    expect(asText(planOf(threeAndTwo('1.36.3'), '1.36.3'))).toContain(
      'Every node that was reached runs Kubernetes 1.36.3.',
    )
    expect(asText(planOf([], '1.36.3'))).toContain('There is no cluster yet')
  })

  it('numbers several hops, and says to which a finding belongs', () => {
    const text = asText(planOf(threeAndTwo('1.34.10'), '1.36.3', { findings: [finding()] }))
    expect(text).toContain('2 hops to Kubernetes 1.36.3.')
    expect(text).toContain('2. 1.35.7 → 1.36.3')
    expect(text).toContain('error: [RemovedFlags] w1 (1.36): a flag')
  })
})

describe('The steps', () => {
  it('of several hops are an up each, with bundles a bundle too', () => {
    expect(stepsOf(planOf(threeAndTwo('1.34.10'), '1.36.3', { version: '1.34.10' }))).toEqual([
      { set: 'kubernetes.version', to: releases.find(({ minor }) => minor === '1.35')?.patch },
      { run: 'kubestrap up -i x.yaml' },
      { set: 'kubernetes.version', to: '1.36.3' },
      { run: 'kubestrap up -i x.yaml' },
    ])
    const supply = supplyOf('bundle', '1.36.3')
    expect(stepsOf(planOf(threeAndTwo('1.34.10'), '1.36.3', { supply }))).toEqual([
      { set: 'kubernetes.version', to: releases.find(({ minor }) => minor === '1.35')?.patch },
      { run: 'kubestrap bundle create -i x.yaml' },
      { run: 'kubestrap up -i x.yaml' },
      { set: 'kubernetes.version', to: '1.36.3' },
      { run: 'kubestrap up -i x.yaml' },
    ])
  })

  it('leave out what the inventory has already', () => {
    expect(stepsOf(planOf(threeAndTwo('1.36.2'), '1.36.3'))).toEqual([
      { run: 'kubestrap plan -i x.yaml' },
      { run: 'kubestrap up -i x.yaml' },
    ])
  })
})

describe('What a source offers', () => {
  it('is the newest known patch release of each minor, and of a bundle its own', () => {
    const all = offered(supplyOf('download', undefined))
    expect(all.map(({ version }) => version)).toEqual(releases.map(({ patch }) => patch))
    expect(offered(supplyOf('packages', undefined))[0]?.minor).toBe('1.24')
    expect(offered(supplyOf('bundle', '1.35.2'))).toEqual([
      { version: '1.35.2', minor: '1.35', untested: false },
    ])
  })
})
