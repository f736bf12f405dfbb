import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../../src/engine/graph.js'
import { debian } from '../../../../src/os/debian.js'
import { suseSystems } from '../../../../src/os/suse.js'
import { packages } from '../../../../src/phases/packages.js'
import { isVersion } from '../../../../src/resources/versioned-packages.js'
import { kubernetesRepository, sites } from '../../../../src/sources/urls.js'
import { networkOs } from '../../../../src/steps/programs/kubernetes-packages.js'
import { up } from '../../../../src/workflows/up.js'
import { contextOf, machine } from '../../../support/context.js'
import { earlier, justBefore } from '../../../support/graph.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

const repository = {
  wish: { name: 'kubernetes', url: 'https://p.test/deb', suite: '/', components: [], signedLists: true },
  key: 'KEY\n',
}
const node = machine({ name: 'w1', roles: ['worker'] })
const balancer = machine({ name: 'lb1', address: '192.0.2.9', roles: ['load-balancer'] })
const context = contextOf([machine(), node, balancer], {
  kubernetesRepositories: { [node.release.wanted.minor]: { deb: repository } },
})

describe('Kubernetes as packages', () => {
  it('is installed once its repository is known and the other packages are there, and then held', () => {
    const graph = buildGraph(up.phases, context)
    const { nodes } = graph
    const on = (target: string) => nodes.filter(({ step }) => step.target === target)
    expect(justBefore(graph, 'w1/packages:kubernetes')).toEqual(
      expect.arrayContaining(['w1/repository:kubernetes', 'w1/packages:node']),
    )
    expect(justBefore(graph, 'w1/packages:kubernetes-held')).toContain('w1/packages:kubernetes')
    expect(on('w1').some(({ step: { id } }) => id.startsWith('binary:'))).toBe(false)
    expect(on('lb1').some(({ step: { id } }) => /kubernetes/.test(id))).toBe(false)
    // what starts the kubelet waits for it
    expect(earlier(graph, 'cp1/service:kubelet.service')).toContain('cp1/packages:kubernetes-held')
  })

  it('leaves the package manager alone while it works: the runtime is held after it', () => {
    const { spec } = node
    const held = { ...node, spec: { ...spec, os: { ...spec.os, hold: true } } }
    const of = contextOf([machine(), held], {
      kubernetesRepositories: { [node.release.wanted.minor]: { deb: repository } },
    })
    expect(justBefore(buildGraph(up.phases, of), 'w1/packages:held')).toContain('w1/packages:kubernetes-held')
  })

  it('has the CNI plug-ins of kubernetes-cni, which the kubelet requires', () => {
    const os = networkOs(context, node)
    expect(os.packages.cniPlugins).toEqual([])
    expect(os.cniPluginDirectory).toBe('/opt/cni/bin')
    expect(networkOs(contextOf([node]), node)).toBe(debian)
    const [step] = packages.steps(context).filter(({ id }) => id === 'packages:node')
    expect(step?.diff([]).map(({ summary }) => summary)[0]).not.toContain('containernetworking-plugins')
  })

  it('says in a plan what is in the place of the version', async () => {
    const host = shimmedHost('w1', {
      'dpkg-query': 'echo installed kubelet 1.20.1-1.1; echo installed kubectl 1.20.2-1.1',
    })
    const of = contextOf([machine(), { ...node, host }], {
      kubernetesRepositories: { [node.release.wanted.minor]: { deb: repository } },
    })
    const { nodes } = buildGraph(up.phases, of)
    const step = nodes.find(({ key }) => key === 'w1/packages:kubernetes')?.step
    const changes = step?.diff(await step.probe())
    host.remove()
    expect(changes).toMatchObject([
      {
        summary: 'install kubelet 1.20.2, kubeadm 1.20.2 in place of kubelet 1.20.1-1.1',
        effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
      },
    ])
  })
})

it.each([
  ['1.30.1-1.1', true],
  ['0:1.30.1-150500.1.1', true],
  ['1.30.1', true],
  ['1.30.10-1.1', false],
  ['1.30.0-1.1', false],
  ['11.30.1-1', false],
  ['', false],
])('%s is of 1.30.1: %s', (found, is) => {
  expect(isVersion(found, '1.30.1')).toBe(is)
})

it('the repository of a minor lies where kubernetes.io says', () => {
  expect(kubernetesRepository(sites, '1.30', 'deb')).toEqual({
    url: 'https://pkgs.k8s.io/core:/stable:/v1.30/deb',
    key: 'https://pkgs.k8s.io/core:/stable:/v1.30/deb/Release.key',
  })
  expect(kubernetesRepository(sites, '1.30', 'rpm').key).toBe(
    'https://pkgs.k8s.io/core:/stable:/v1.30/rpm/repodata/repomd.xml.key',
  )
})

it('versions that zypper has are read from its XML, in one line or several', async () => {
  const suse = suseSystems[0]?.of(node.facts)
  const rows = ['1.30.1-150500.1.1', '1.30.10-150500.1.1', '1.30.2-150500.1.1'].map(
    (edition) =>
      `<solvable status="not-installed" name="kubelet" kind="package" edition="${edition}" arch="x86_64" repository="k"/>`,
  )
  for (const between of ['', '\n']) {
    const host = shimmedHost('w1', { zypper: `cat <<'E'\n<stream>${rows.join(between)}</stream>\nE` })
    const { stdout } = await host.read({ script: `f() {\n${suse?.availableVersions}\n}\nf kubelet` })
    host.remove()
    expect(stdout.toString()).toBe('1.30.10-150500.1.1\n1.30.2-150500.1.1\n1.30.1-150500.1.1\n')
  }
})
