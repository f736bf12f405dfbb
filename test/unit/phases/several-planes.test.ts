import { describe, expect, test } from 'vitest'
import { external } from '../../../src/balancers/external.js'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { kubeVip } from '../../../src/balancers/kube-vip/kube-vip.js'
import { nodeLocal } from '../../../src/balancers/node-local.js'
import type { Context } from '../../../src/cluster/context.js'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import { NotYet } from '../../../src/engine/late.js'
import type { FileState } from '../../../src/host/host.js'
import { checks } from '../../../src/preflight/checks.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { runChecks } from '../../../src/preflight/run-checks.js'
import { memberFile } from '../../../src/steps/etcd/member-file.js'
import { dataDirIn, foundingFor } from '../../../src/steps/static-pods/manifest-step.js'
import { reset } from '../../../src/workflows/reset.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine } from '../../support/context.js'
import { earlier } from '../../support/graph.js'

const planes = [1, 2, 3].map((n) => machine({ name: `cp${n}`, address: `10.88.0.1${n}` }))
const [cp1, cp2, cp3] = planes
const w1 = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })

function contextWith(over: Partial<Context['planes']> = {}, machines = [...planes, w1]): Context {
  const base = contextOf(machines)
  return {
    ...base,
    planes: {
      leader: cp1,
      joining: new Set(['cp2', 'cp3']),
      halfAdded: new Set(),
      estranged: new Set(),
      ...over,
    },
  }
}

const manifest = (host: string, name: string): string => `${host}/file:/etc/kubernetes/manifests/${name}.yaml`
const kubelet = (host: string): string => `${host}/service:kubelet.service`

describe('a cluster of three control planes that is born', () => {
  const graph = buildGraph(up.phases, contextWith())

  test('is founded by the one that leads, whose manifests lie there before its kubelet starts', () => {
    expect([...earlier(graph, kubelet('cp1'))]).toEqual(
      expect.arrayContaining([manifest('cp1', 'etcd'), manifest('cp1', 'kube-apiserver')]),
    )
    expect(graph.nodes.some(({ key }) => key === 'cp1/etcd-member')).toBe(false)
    expect([...earlier(graph, 'cluster/api-ready')].filter((key) => /^cp[23]/.test(key))).toEqual([])
  })

  test('gives the others their kubelets when its API is ready, and their manifests when etcd has them', () => {
    for (const name of ['cp2', 'cp3']) {
      const first = earlier(graph, kubelet(name))
      expect(first).toContain('cluster/api-ready')
      expect(first).toContain(`${name}/certificate:apiserver`)
      expect(first).toContain(`${name}/file:/etc/kubernetes/kubelet.conf`)
      expect(first).not.toContain(`${name}/etcd-member`)
      expect(earlier(graph, `${name}/etcd-member`)).toContain(kubelet(name))
      for (const pod of ['etcd', 'kube-apiserver', 'kube-scheduler', 'kube-controller-manager'])
        expect(earlier(graph, manifest(name, pod))).toContain(`${name}/etcd-member`)
      expect(earlier(graph, `${name}/api-ready`)).toContain(manifest(name, 'kube-apiserver'))
    }
  })

  test('lets them do everything else at the same time: neither waits for the other', () => {
    expect([...earlier(graph, 'cp3/api-ready')].filter((key) => key.startsWith('cp2/'))).toEqual([])
    expect([...earlier(graph, 'cp2/api-ready')].filter((key) => key.startsWith('cp3/'))).toEqual([])
    expect([...earlier(graph, 'w1/join')].filter((key) => /^cp[23]\//.test(key))).toEqual([])
  })

  test('takes members, and restarts of etcd and API servers, one at a time', () => {
    const kindOf = (key: string): string | undefined => {
      const step = graph.nodes.find((node) => node.key === key)?.step
      return step?.disrupts?.([{ kind: 'update' }])
    }
    for (const key of [
      'cp2/etcd-member',
      'cp1/static-pod:etcd',
      'cp3/static-pod:kube-apiserver',
      manifest('cp1', 'kube-apiserver'),
      manifest('cp2', 'etcd'),
    ])
      expect([key, kindOf(key)]).toEqual([key, 'etcd'])
    expect(kindOf(manifest('cp1', 'kube-scheduler'))).toBeUndefined()
  })

  test('misses an API server alone while one restarts, though it waits for the turn of a member', () => {
    const feltOf = (key: string) => graph.nodes.find((node) => node.key === key)?.step.felt
    for (const key of ['cp3/static-pod:kube-apiserver', manifest('cp1', 'kube-apiserver')])
      expect([key, feltOf(key)]).toEqual([key, 'api'])
    for (const key of ['cp1/static-pod:etcd', manifest('cp2', 'etcd')])
      expect([key, feltOf(key)]).toEqual([key, undefined])
  })

  test('signs every control plane’s own certificates after the shared authorities lie there as a whole', () => {
    expect(earlier(graph, 'cp2/certificate:etcd/peer')).toContain('cp2/shared-authorities')
    expect(earlier(graph, 'cp2/shared-authorities')).toContain('cp1/authorities')
    expect(graph.nodes.some(({ key }) => key === 'cp1/shared-authorities')).toBe(false)
  })
})

describe('behind a load balancer', () => {
  test.each([haproxy, nodeLocal, kubeVip, external])('of kind $id: joins in the same order', (balancer) => {
    const base = contextWith()
    const beside = base.machines.map((one) => ({
      ...one,
      spec: { ...one.spec, roles: [...one.spec.roles, 'load-balancer' as const] },
    }))
    const loadBalancer = {
      type: balancer.id,
      virtualIp: '10.88.0.100',
      interface: undefined,
      routerId: 1,
      image: undefined,
    }
    const spec = { ...base.spec, loadBalancer, hosts: beside.map((one) => one.spec) }
    const [leader] = beside
    const context = { ...base, spec, balancer, machines: beside, planes: { ...base.planes, leader } }
    const graph = buildGraph(up.phases, context)
    expect(earlier(graph, 'cp2/etcd-member')).toContain('cluster/api-ready')
    const own = graph.nodes.filter(({ phase, step }) => phase === 'balancer' && step.target === 'cp2')
    for (const { key } of own) expect(earlier(graph, kubelet('cp2'))).toContain(key)
    expect(own.length > 0).toBe(balancer.id !== 'external')
  })
})

describe('a cluster that lives', () => {
  test('and is down: no kubelet of a member waits for an API that needs its etcd', () => {
    const graph = buildGraph(up.phases, contextWith({ joining: new Set() }))
    for (const name of ['cp1', 'cp2', 'cp3']) {
      const first = [...earlier(graph, kubelet(name))]
      expect(first).toContain(manifest(name, 'etcd'))
      expect(first).not.toContain('cluster/api-ready')
    }
  })

  test('goes from any of them: the new one first in the inventory joins', () => {
    const graph = buildGraph(up.phases, contextWith({ leader: cp2, joining: new Set(['cp1']) }))
    expect(earlier(graph, kubelet('cp1'))).toContain('cluster/api-ready')
    expect(earlier(graph, 'cluster/api-ready')).toContain(kubelet('cp2'))
    expect(earlier(graph, 'cp1/shared-authorities')).toContain('cp2/authorities')
  })

  test('lets those go first whom an earlier run left without a vote', () => {
    const graph = buildGraph(up.phases, contextWith({ halfAdded: new Set(['cp3']) }))
    expect(earlier(graph, 'cp2/etcd-member')).toContain('cp3/etcd-member')
    expect(earlier(graph, 'cp3/etcd-member')).not.toContain('cp2/etcd-member')
  })
})

describe('one control plane alone', () => {
  test('has no gates and no steps that only several need', () => {
    const context = contextWith({ joining: new Set() }, [planes[0] ?? w1, w1])
    const graph = buildGraph(up.phases, context)
    expect(graph.nodes.map(({ key }) => key)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/shared-authorities|etcd-member$/)]),
    )
    const step = graph.nodes.find(({ key }) => key === manifest('cp1', 'kube-apiserver'))?.step
    expect(step?.disrupts?.([{ kind: 'update' }])).toBeUndefined()
  })
})

describe('what a manifest tells a member of its cluster', () => {
  const text = (initial: string, state = ''): string =>
    `spec:\n  containers:\n  - command:\n    - etcd\n    - --initial-cluster=${initial}\n${state}`
  const existing = '    - --initial-cluster-state=existing\n'

  test('is what it was told, whatever became of the cluster since', () => {
    expect(foundingFor({ name: 'cp1', founder: true, data: true }, text('cp1=a'))).toEqual({
      initialCluster: 'cp1=a',
    })
    expect(foundingFor({ name: 'cp2', founder: false, data: true }, text('cp1=a,cp2=b', existing))).toEqual({
      initialCluster: 'cp1=a,cp2=b',
      initialClusterState: 'existing',
    })
  })

  test('is nothing but itself where a cluster is born, and where a living member lost its manifest', () => {
    expect(foundingFor({ name: 'cp1', founder: true, data: false }, undefined)).toEqual({})
    expect(foundingFor({ name: 'cp1', founder: true, data: false }, text('cp1=old'))).toEqual({})
    expect(foundingFor({ name: 'cp2', founder: false, data: true }, undefined)).toEqual({})
  })

  test('is not known before it has joined, and kept when it has been told', () => {
    const cp2 = { name: 'cp2', founder: false, data: false }
    expect(() => foundingFor(cp2, undefined)).toThrow(NotYet)
    expect(foundingFor(cp2, text('cp1=a,cp2=b', existing)).initialCluster).toBe('cp1=a,cp2=b')
  })

  test('lies where it lies: another directory would be an empty one', () => {
    const text = '    - --data-dir=/var/lib/etcd\n'
    const look = (content: string | undefined, dataDir: string) => () => {
      const base = contextWith()
      const context = { ...base, spec: { ...base.spec, etcd: { ...base.spec.etcd, dataDir } } }
      const step = memberFile(context, machine(), {
        path: '/etc/kubernetes/manifests/etcd.yaml',
        dataDirIn,
        insteadOfMoving: (is) => `write dataDir: ${is}`,
        contentFor: () => text,
      })
      const state: FileState =
        content === undefined
          ? { kind: 'absent' }
          : {
              kind: 'file',
              mode: '0600',
              owner: 'root:root',
              size: 1,
              sha256: '',
              content: Buffer.from(content),
            }
      return step.diff({ file: state, data: false })
    }
    expect(look(text, '/data/etcd')).toThrow("etcd's data directory is /var/lib/etcd")
    expect(look(text, '/var/lib/etcd')).not.toThrow()
    expect(look(undefined, '/data/etcd')).not.toThrow()
  })

  test('never founds a second cluster where one was about to be joined', () => {
    expect(() =>
      foundingFor({ name: 'cp2', founder: true, data: false }, text('cp1=a,cp2=b', existing)),
    ).toThrow('was joining a cluster none of whose members is in the inventory')
  })
})

describe('preflight', () => {
  const said = (machines: typeof planes, over: Partial<Context['spec']> = {}): string[] => {
    const base = contextWith({}, machines)
    const context = { ...base, spec: { ...base.spec, endpointAddress: '10.88.0.100', ...over } }
    return runChecks(context, notCloser, checks, [])
      .filter(({ check }) => ['EtcdMembers', 'EndpointRedundancy'].includes(check))
      .map(({ host, severity, what }) => `${severity} ${host}: ${what}`)
  }

  test('warns of an even number with the arithmetic, and of no other', () => {
    expect(said(planes)).toEqual([])
    expect(said(planes.slice(0, 1))).toEqual([])
    expect(said(planes.slice(0, 2))).toEqual([
      'warning cp2: 2 control plane nodes are 2 etcd members: a write needs 2 of them, so 0 may fail, as with 1 (1→0, 2→0, 3→1)',
    ])
    const four = [...planes, machine({ name: 'cp4', address: '10.88.0.14' })]
    expect(said(four)[0]).toContain('a write needs 3 of them, so 1 may fail, as with 3 (3→1, 4→1, 5→2)')
  })

  test('warns of an endpoint that is one of several control planes', () => {
    expect(said(planes, { endpointAddress: '10.88.0.11' })).toEqual([
      'warning cp1: api.lab.internal:6443 is this control plane node alone: if it fails, the API is unreachable',
    ])
    expect(said(planes.slice(0, 1), { endpointAddress: '10.88.0.11' })).toEqual([])
  })
})

describe('reset', () => {
  const asked = {
    command: 'reset',
    packages: false,
    images: false,
    gone: false,
    drain: { timeoutMs: 1000, force: false, deleteEmptyDirData: true },
    onLeft: () => {},
  } as const
  const keys = (hosts: string[], gone = false, machines = [...planes, w1]): string[] => {
    const context = { ...contextWith({}, machines) }
    const whole = { ...context, spec: { ...context.spec, hosts: [...planes, w1].map(({ spec }) => spec) } }
    return buildGraph(reset({ ...asked, hosts, gone }).phases, whole).nodes.map(({ key }) => key)
  }
  const graphOf = (hosts: string[], machines = [...planes, w1]): Graph =>
    buildGraph(reset({ ...asked, hosts }).phases, contextWith({}, machines))

  test('of one control plane takes its member out before it stops it, and its Node after', () => {
    const graph = graphOf(['cp2'])
    const gone = graph.nodes.find(({ key }) => key === 'cluster/reset:etcd-member:cp2')
    // where it cannot be looked at, or would cost the quorum, nothing is done anywhere
    expect(gone?.step.guards).toBe(true)
    expect(earlier(graph, 'cp2/reset:stopped')).toContain('cluster/reset:etcd-member:cp2')
    expect(earlier(graph, 'cluster/reset:node:cp2')).toContain('cp2/reset:stopped')
  })

  test('of a worker asks etcd nothing unless it has data of a member, and of all machines neither etcd nor the API', async () => {
    const graph = graphOf(['w1'])
    const ofCluster = graph.nodes.filter(({ key }) => key.startsWith('cluster/'))
    expect(ofCluster.map(({ key }) => key)).toEqual(['cluster/reset:etcd-member:w1', 'cluster/reset:node:w1'])
    const [former] = ofCluster
    // its etcd would have to be asked on machines that are none
    expect(former?.step.diff(await former.step.probe())).toEqual([])
    expect(keys(['cp1', 'cp2', 'cp3', 'w1']).filter((key) => key.startsWith('cluster/'))).toEqual([])
  })

  test('of nodes drains them before anything else, and looks at etcd before it drains', () => {
    const nodes = [...planes, w1].map((one) => ({ ...one, facts: { ...one.facts, kubernetes: true } }))
    const graph = graphOf(['cp2', 'cp3', 'w1'], nodes)
    expect(earlier(graph, 'cluster/reset:etcd-member:cp2')).toContain('cluster/drain:cp2')
    expect(earlier(graph, 'cluster/reset:etcd-member:cp3')).toContain('cluster/reset:etcd-member:cp2')
    expect(earlier(graph, 'w1/reset:stopped')).toContain('cluster/drain:w1')
    for (const name of ['cp2', 'cp3']) {
      const check = graph.nodes.find(({ key }) => key === `cluster/reset:etcd-check:${name}`)
      expect([check?.step.guards, check?.after]).toEqual([true, []])
    }
  })

  test('of a machine that is gone makes the cluster forget it', () => {
    const rest = [cp1, cp2, w1].flatMap((one) => one ?? [])
    expect(keys(['cp3'], true, rest)).toEqual(['cluster/reset:etcd-member:cp3', 'cluster/reset:node:cp3'])
  })

  test('is refused where nobody who stays can be told, and with --gone where the machine answers', () => {
    const only = [cp3, w1].flatMap((one) => one ?? [])
    expect(() => keys(['cp3'], false, only)).toThrow('cannot reach any other control plane node: cp1, cp2')
    expect(() => keys(['cp3'], true)).toThrow('cp3 is not lost')
  })
})
