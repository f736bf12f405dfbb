import { describe, expect, test } from 'vitest'
import type { Context } from '../../../../src/cluster/context.js'
import type { EtcdHosts } from '../../../../src/cluster/etcd/hosts.js'
import type { Machine } from '../../../../src/cluster/machine.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import { keysBehind } from '../../../../src/engine/joints.js'
import { Late } from '../../../../src/engine/late.js'
import { etcdOf } from '../../../../src/inventory/etcd-to-spec.js'
import { etcdUnitText } from '../../../../src/kubernetes/etcd/unit.js'
import { Secret } from '../../../../src/lib/secret.js'
import { reset } from '../../../../src/phases/reset.js'
import { checks } from '../../../../src/preflight/checks.js'
import { type Closer, notCloser } from '../../../../src/preflight/closer.js'
import { runChecks } from '../../../../src/preflight/run-checks.js'
import { neededWays } from '../../../../src/preflight/ways.js'
import { unitFileStep } from '../../../../src/steps/etcd/unit-file-step.js'
import { up } from '../../../../src/workflows/up.js'
import { contextOf, machine } from '../../../support/context.js'
import { earlier } from '../../../support/graph.js'
import { sentProgram } from '../../../support/programs.js'

const etcd = [1, 2, 3].map((n) => machine({ name: `e${n}`, address: `10.88.0.3${n}`, roles: ['etcd'] }))
const planes = [1, 2].map((n) => machine({ name: `cp${n}`, address: `10.88.0.1${n}` }))
const w1 = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })

function contextWith(seen: Partial<EtcdHosts> = {}, members = etcd): Context {
  const machines = [...members, ...planes, w1]
  const base = contextOf(machines)
  return {
    ...base,
    spec: {
      ...base.spec,
      etcd: etcdOf(
        undefined,
        machines.map((one) => one.spec),
        (path) => path,
      ),
    },
    planes: { ...base.planes, joining: new Set(['cp2']) },
    etcdHosts: {
      order: members,
      founding: new Set(members.map(({ spec }) => spec.name)),
      told: undefined,
      joining: new Set(),
      halfAdded: new Set(),
      fresh: new Set(members.map(({ spec }) => spec.name)),
      members: [],
      authority: new Late('etcd'),
      programs: [],
      ...seen,
    },
  }
}

const service = (name: string): string => `${name}/service:kubestrap-etcd.service`
const manifest = (name: string): string => `${name}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`

describe('a cluster whose etcd is born on hosts of its own', () => {
  const graph = buildGraph(up.phases, contextWith())

  test('starts its members together, when each of them has all it needs', () => {
    for (const name of ['e1', 'e2', 'e3']) {
      const before = earlier(graph, service(name))
      for (const other of ['e1', 'e2', 'e3'])
        expect([...before]).toEqual(
          expect.arrayContaining([
            `${other}/packages:etcd`,
            `${other}/file:/etc/systemd/system/kubestrap-etcd.service`,
            `${other}/certificate:etcd/peer`,
            `${other}/directory:/var/lib/etcd`,
          ]),
        )
      expect([...before].filter((key) => key.includes('service:kubestrap-etcd'))).toEqual([])
      expect(before).toContain('cp1/authorities')
    }
  })

  test('masks the package’s own unit before the package can start it', () => {
    expect(earlier(graph, 'e1/packages:etcd')).toContain('e1/masked:etcd.service')
  })

  test('starts nothing on a control plane before etcd answers there', () => {
    for (const name of ['cp1', 'cp2']) {
      const before = earlier(graph, manifest(name))
      expect(before).toContain(`${name}/etcd-reached`)
      for (const member of ['e1', 'e2', 'e3']) expect(before).toContain(service(member))
    }
  })

  test('gives a control plane its etcd client, signed by an authority whose key it never has', () => {
    expect(earlier(graph, 'cp2/certificate:apiserver-etcd-client')).toContain('e1/etcd-authority')
    expect(graph.nodes.map(({ key }) => key)).toContain('cp2/file:/etc/kubernetes/pki/etcd/ca.crt')
    expect(graph.nodes.some(({ key }) => key === 'cp1/directory:/var/lib/etcd')).toBe(false)
    expect(graph.nodes.some(({ key }) => key.endsWith('/etcd-member'))).toBe(false)
  })

  test('does nothing of a node on an etcd host', () => {
    const steps = graph.nodes.filter(({ step }) => step.target === 'e1').map(({ step }) => step.id)
    expect(steps.filter((id) => /kubelet|docker|swap|hosts|image/.test(id))).toEqual([])
  })
})

describe('programs', () => {
  test('of a release or the bundle go where no package puts them, and no package comes', () => {
    const base = contextWith({ programs: ['etcd', 'etcdctl'].map(sentProgram) })
    const spec = { ...base.spec, etcd: { ...base.spec.etcd, install: { from: 'bundle' as const } } }
    const { nodes } = buildGraph(up.phases, { ...base, spec })
    const installing = nodes
      .filter(({ step }) => step.target === 'e1' && /^(packages|binary|masked):/.test(step.id))
      .map(({ step }) => step.id)
    expect(installing).toEqual(['binary:/usr/local/bin/etcd', 'binary:/usr/local/bin/etcdctl'])
  })
})

describe('programs that etcd hosts download', () => {
  const file = { url: 'https://g.test/etcd.tar.gz', sha256: 'a'.repeat(64), way: { ca: undefined } }
  const downloading = (facts: Partial<Machine['facts']>, arch = 'amd64') => {
    const base = contextWith(
      {},
      etcd.map((one) => ({ ...one, facts: { ...one.facts, ...facts } })),
    )
    const spec = { ...base.spec, etcd: { ...base.spec.etcd, install: { from: 'download' as const } } }
    const projectReleases = { etcd: new Map([['3.4.13', new Map([[arch, file]])]]) }
    return buildGraph(up.phases, { ...base, spec, projectReleases }).nodes
  }
  const on = (nodes: ReturnType<typeof downloading>) =>
    nodes
      .filter(({ step }) => step.target === 'e1' && /^(packages|binary|masked|archive):/.test(step.id))
      .map(({ step }) => step.id)

  test('come out of the archive of its release, which the unit waits for', () => {
    const nodes = downloading({})
    expect(on(nodes)).toEqual(['archive:etcd'])
    const service = nodes.find(({ key }) => key === 'e1/service:kubestrap-etcd.service')
    expect(keysBehind(service?.after ?? [])).toContain('e1/archive:etcd')
    const step = nodes.find(({ key }) => key === 'e1/archive:etcd')?.step
    expect(step?.diff({ record: { kind: 'absent' }, files: [] })).toMatchObject([
      { summary: 'install /usr/local/bin/etcd, /usr/local/bin/etcdctl from g.test' },
    ])
  })

  test('wait for what downloads them where a host lacks it', () => {
    expect(on(downloading({ lacksForDownloads: ['curl'] }))).toEqual(['packages:downloads', 'archive:etcd'])
  })

  test('are told where there are none for a host', () => {
    expect(() => downloading({}, 'arm64')).toThrow(/there is no release of etcd 3\.4\.13 for amd64/)
  })
})

describe('data', () => {
  const [e1] = etcd
  const unit = (dataDir: string, context = contextWith()) => {
    if (!e1 || !context.etcdHosts) throw new Error('no etcd host')
    const own = { ...context.spec, etcd: { ...context.spec.etcd, dataDir } }
    const content = Buffer.from(etcdUnitText(own, e1.spec, '/usr/bin/etcd', {}))
    const state = { mode: '0644', owner: 'root:root', size: content.length, sha256: '', content }
    return unitFileStep(context, context.etcdHosts, e1).diff({
      file: { kind: 'file', ...state },
      data: false,
    })
  }

  test('stay where they are: another directory would be an empty one', () => {
    expect(() => unit('/data/etcd')).toThrow(
      "etcd's data directory is /data/etcd, and the inventory says /var/lib/etcd (etcd.dataDir)",
    )
    expect(unit('/var/lib/etcd')).toHaveLength(1)
  })
})

describe('an etcd that lives', () => {
  const graph = buildGraph(
    up.phases,
    contextWith({ founding: new Set(), joining: new Set(['e2', 'e3']), halfAdded: new Set(['e3']) }),
  )

  test('takes members one at a time, those first that an earlier run began with', () => {
    const before = earlier(graph, 'e2/etcd-member')
    expect([...before]).toEqual(
      expect.arrayContaining([service('e1'), 'cluster/etcd-remnants', 'e3/etcd-member', 'e2/packages:etcd']),
    )
    expect(earlier(graph, service('e2'))).toContain('e2/etcd-member')
    const disruption = graph.nodes.find(({ key }) => key === 'e2/etcd-member')?.step.disrupts?.([])
    expect(disruption).toBe('etcd')
  })

  test('has its members restarted one at a time', () => {
    for (const name of ['e1', 'e2', 'e3']) {
      const step = graph.nodes.find(({ key }) => key === service(name))?.step
      expect(step?.disrupts?.([{ kind: 'restart' }])).toBe('etcd')
      expect(step?.disrupts?.([{ kind: 'start' }])).toBeUndefined()
    }
  })
})

describe('an etcd that is there', () => {
  const external = {
    endpoints: ['https://etcd.example.com:2379'],
    caFile: '/etc/kubernetes/pki/etcd/ca.crt',
    certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
    keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
  }
  const base = contextOf([...planes, w1])
  const context: Context = {
    ...base,
    spec: { ...base.spec, etcd: { ...base.spec.etcd, external } },
  }
  const etcdClient = { ca: 'CA', cert: 'CERT', key: new Secret('KEY') }

  test('has its client’s files copied where the operator has them, and nothing else where he has not', () => {
    const files = (of: Context): string[] =>
      buildGraph(up.phases, of)
        .nodes.map(({ key }) => key)
        .filter((key) => key.startsWith('cp2/') && /etcd/.test(key))
    expect(files(context)).toEqual(['cp2/etcd-reached'])
    expect(files({ ...context, etcdClient })).toEqual([
      'cp2/file:/etc/kubernetes/pki/etcd/ca.crt',
      'cp2/file:/etc/kubernetes/pki/apiserver-etcd-client.crt',
      'cp2/file:/etc/kubernetes/pki/apiserver-etcd-client.key',
      'cp2/etcd-reached',
    ])
    const before = earlier(buildGraph(up.phases, { ...context, etcdClient }), 'cp1/etcd-reached')
    expect(before).toContain('cp1/file:/etc/kubernetes/pki/apiserver-etcd-client.key')
  })

  test('is asked for its version and health before anything is done', () => {
    const seen = (over: Partial<Closer['etcd'][number]>): Closer => ({
      ...notCloser,
      etcd: [{ from: 'cp1', endpoint: 'https://a:2379', version: '3.4.23', problem: undefined, ...over }],
    })
    const found = (closer: Closer): string[] =>
      runChecks(context, closer, checks, [])
        .filter(({ check }) => check.startsWith('ExternalEtcd'))
        .map(({ check, host, severity, what }) => `${check} ${severity} ${host}: ${what}`)
    expect(found(seen({}))).toEqual([])
    expect(found(seen({ version: '3.2.18' }))).toEqual([])
    expect(found(seen({ version: '3.2.17' }))).toEqual([
      'ExternalEtcdVersion error cp1: https://a:2379 is etcd 3.2.17, and at least 3.2.18 is required',
    ])
    expect(found(seen({ problem: 'no leader' }))).toEqual([
      'ExternalEtcdHealth error cp1: https://a:2379: no leader',
    ])
    expect(found(seen({ endpoint: '', version: '', problem: '/a is not there' }))).toEqual([
      'ExternalEtcdClientCertificates error cp1: /a is not there',
    ])
  })
})

describe('preflight', () => {
  const said = (context: Context): string[] =>
    runChecks(context, notCloser, checks, []).map(({ host, check }) => `${host} ${check}`)

  test('warns of an even number of etcd hosts, not of control planes', () => {
    expect(said(contextWith())).toEqual([])
    expect(said(contextWith({}, etcd.slice(0, 2)))).toEqual(['e2 EtcdMembers'])
  })

  test('wants the ports of etcd free on its hosts, while nothing of ours is there', () => {
    const busy = [machine({ ...etcd[0]?.spec }, { listening: [2380] }), ...etcd.slice(1)]
    expect(said(contextWith({}, busy))).toEqual(['e1 Ports'])
    expect(said(contextWith({ fresh: new Set() }, busy))).toEqual([])
  })

  test('tries the ways between members, and from control planes to them', () => {
    const ways = neededWays(contextWith(), ({ spec }) => spec.name === 'e3')
      .filter(({ what }) => what === 'etcd')
      .map(({ from, to, port }) => `${from.spec.name}→${to}:${port}`)
    expect(ways.sort()).toEqual(
      [
        ...['e1→e3', 'e2→e3', 'e3→e1', 'e3→e2'].flatMap((way) => [`${way}:2379`, `${way}:2380`]),
        'cp1→e3:2379',
        'cp2→e3:2379',
      ].sort(),
    )
  })
})

describe('reset', () => {
  const asked = {
    command: 'reset',
    packages: false,
    images: false,
    gone: false,
    drain: undefined,
    onLeft: () => {},
  } as const
  const steps = (hosts: readonly string[], context = contextWith()): string[] =>
    reset({ ...asked, hosts })
      .steps(context)
      .map(({ id }) => id)
      .filter((id) => id.startsWith('reset:etcd-member') || id.startsWith('reset:node'))

  test('takes a member out of etcd through another, of nodes also one of an earlier inventory', () => {
    expect(steps(['e2'])).toEqual(['reset:etcd-member:e2'])
    expect(steps(['cp2'])).toEqual(['reset:etcd-member:cp2', 'reset:node:cp2'])
    expect(steps(['e1', 'e2', 'e3', 'cp1', 'cp2', 'w1'])).toEqual([])
  })

  test('makes etcd forget a host that is gone for good', () => {
    const context = contextWith({ order: etcd.slice(0, 2) })
    const left = { ...context, machines: context.machines.filter(({ spec }) => spec.name !== 'e3') }
    const ids = reset({ ...asked, hosts: ['e3'], gone: true })
      .steps(left)
      .map(({ id }) => id)
    expect(ids).toEqual(['reset:etcd-member:e3'])
  })

  test('is refused when no other etcd host is there to be told', () => {
    const alone = contextWith({ order: etcd.slice(0, 1) })
    expect(() => steps(['e1'], alone)).toThrow('cannot reach any other etcd host: e2, e3')
  })
})
