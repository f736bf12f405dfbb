import { describe, expect, it } from 'vitest'
import { asJson } from '../../../../src/cli/upgrade/plan-json.js'
import { stepsOf, stepsOfAllHops } from '../../../../src/cli/upgrade/plan-steps.js'
import { asText } from '../../../../src/cli/upgrade/plan-text.js'
import { type BesideBundle, offered, type ShownPlan } from '../../../../src/cli/upgrade/shown-plan.js'
import type { ClusterSpec } from '../../../../src/inventory/spec.js'
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
    binaries = { bundle: undefined },
    bundles = [],
  }: {
    supply?: Supply
    findings?: readonly UpgradeFinding[]
    version?: string
    binaries?: ClusterSpec['binaries']
    bundles?: readonly (readonly [version: string, BesideBundle])[]
  } = {},
): ShownPlan {
  const spec = clusterSpec({ hosts, version, unset: [], directory: '/inv', binaries })
  const seen = { nodes, unknown: [] }
  const wish = hopsTo(seen, wished, supply)
  const hops = 'hops' in wish ? wish.hops.map((hop) => ({ hop, effects: hopEffects(spec, hop) })) : []
  return {
    plan: { wished, seen, wish, hops, findings },
    supply,
    spec,
    bundles: new Map(bundles),
    away: [],
    again: ' -i x.yaml',
  }
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

const patchOf = (minor: string): string => releases.find((one) => one.minor === minor)?.patch ?? ''
const bundle = (directory: string): BesideBundle => ({
  directory,
  sha256: `digest of ${directory}`,
  arches: ['amd64', 'arm64'],
})

describe('The steps', () => {
  it('of several hops are an up each', () => {
    expect(stepsOf(planOf(threeAndTwo('1.34.10'), '1.36.3', { version: '1.34.10' }))).toEqual([
      { set: 'kubernetes.version', to: releases.find(({ minor }) => minor === '1.35')?.patch },
      { run: 'kubestrap up -i x.yaml' },
      { set: 'kubernetes.version', to: '1.36.3' },
      { run: 'kubestrap up -i x.yaml' },
    ])
  })

  it('with a bundle create that of the new version beside it, and set it', () => {
    const supply = supplyOf('bundle', '1.36.2')
    const shown = (binaries: ClusterSpec['binaries']): ShownPlan =>
      planOf(threeAndTwo('1.36.2'), '1.36.3', { supply, version: '1.36.2', binaries })
    expect(stepsOf(shown({ bundle: '/inv/bundle' }))).toEqual([
      { set: 'kubernetes.version', to: '1.36.3' },
      { run: 'kubestrap bundle create -i x.yaml /inv/bundle-1.36.3' },
      { set: 'binaries.bundle', to: './bundle-1.36.3' },
      { run: 'kubestrap plan -i x.yaml' },
      { run: 'kubestrap up -i x.yaml' },
    ])
    const known = planOf(threeAndTwo('1.36.2'), '1.36.3', {
      supply,
      binaries: { bundle: '/inv/bundle' },
      bundles: [['1.36.2', bundle('/inv/bundle')]],
    })
    expect(stepsOf(known)).toContainEqual({
      run: 'kubestrap bundle create -i x.yaml --arch amd64,arm64 /inv/bundle-1.36.3',
    })
    const pinned = shown({ bundle: '/cache/v1.36.2', sha256: 'digest' })
    expect(stepsOf(pinned)).toEqual([
      { set: 'kubernetes.version', to: '1.36.3' },
      { run: 'kubestrap bundle create -i x.yaml /cache/v1.36.3' },
      { set: 'binaries.bundle', to: '/cache/v1.36.3' },
      { set: 'binaries.sha256', to: null },
      { run: 'kubestrap plan -i x.yaml' },
      { run: 'kubestrap up -i x.yaml' },
    ])
    expect(asText(pinned)).toContain('set binaries.sha256 to the value that bundle create printed (')
  })

  it('with bundles that are there set each in its turn, and the digest with it', () => {
    const shown = planOf(threeAndTwo('1.34.10'), '1.36.3', {
      supply: supplyOf('bundle', '1.36.3'),
      binaries: { bundle: '/inv/new', sha256: 'digest' },
      bundles: [
        [patchOf('1.35'), bundle('/inv/middle')],
        ['1.36.3', bundle('/inv/new')],
      ],
    })
    expect(stepsOf(shown)).toEqual([
      { set: 'kubernetes.version', to: patchOf('1.35') },
      { set: 'binaries.bundle', to: './middle' },
      { set: 'binaries.sha256', to: 'digest of /inv/middle' },
      { run: 'kubestrap up -i x.yaml' },
      { set: 'kubernetes.version', to: '1.36.3' },
      { set: 'binaries.bundle', to: './new' },
      { set: 'binaries.sha256', to: 'digest of /inv/new' },
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

describe('Several hops by one command', () => {
  const all = [patchOf('1.35'), '1.36.3'].map((version) => [version, bundle(`/inv/${version}`)] as const)
  const fromBundles = (
    bundles: typeof all,
    binaries: ClusterSpec['binaries'] = { bundle: '/inv/old' },
  ): ShownPlan =>
    planOf(threeAndTwo('1.34.10'), '1.36.3', {
      supply: supplyOf('bundle', '1.34.10'),
      version: '1.34.10',
      binaries,
      bundles,
    })

  it('are named before those hop by hop', () => {
    const shown = planOf(threeAndTwo('1.34.10'), '1.36.3', { version: '1.34.10' })
    expect(asText(shown)).toContain(`To upgrade, all hops by one command, each verified before the next:
  set kubernetes.version to "1.36.3" (inventory.yaml:1:1)
  kubestrap up --hops -i x.yaml
Or hop by hop:
  set kubernetes.version to "${patchOf('1.35')}" (inventory.yaml:1:1)
  kubestrap up -i x.yaml
`)
    expect(asJson(shown)).toMatchObject({
      allHops: [{ set: 'kubernetes.version', to: '1.36.3' }, { run: 'kubestrap up --hops -i x.yaml' }],
    })
  })

  it('begin with the last bundle, where each is there', () => {
    expect(stepsOfAllHops(fromBundles(all))).toEqual([
      { set: 'kubernetes.version', to: '1.36.3' },
      { set: 'binaries.bundle', to: './1.36.3' },
      { run: 'kubestrap up --hops -i x.yaml' },
    ])
  })

  it.each([
    ['a bundle is missing', fromBundles(all.slice(1))],
    ['the inventory pins one bundle', fromBundles(all, { bundle: '/inv/old', sha256: 'digest' })],
  ])('are not possible where %s; what they need is said', (_, shown) => {
    expect(stepsOfAllHops(shown)).toBeUndefined()
    expect(asText(shown)).toContain(
      'All hops by one command (kubestrap up --hops) require a bundle of each version in /inv, and no binaries.sha256.',
    )
  })

  it('are not named for one hop', () => {
    expect(asJson(planOf(threeAndTwo('1.35.7'), '1.36.3'))).toMatchObject({ allHops: null })
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
