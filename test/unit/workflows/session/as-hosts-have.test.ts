import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { catalog, known } from '../../../../src/catalog.js'
import type { Connected } from '../../../../src/cluster/machine.js'
import { parseFacts } from '../../../../src/host/facts/parse-facts.js'
import { decodeInventory } from '../../../../src/inventory/decode.js'
import type { ClusterSpec } from '../../../../src/inventory/spec.js'
import { UserError } from '../../../../src/lib/errors.js'
import { selectSystem } from '../../../../src/os/select.js'
import { asHostsHave } from '../../../../src/workflows/session/as-hosts-have.js'
import { machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

/** The ten-line inventory. */
const decode = (more = ''): ClusterSpec =>
  decodeInventory(
    `kubernetes: { version: "1.36.3" }
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane] }
  w1: { address: 192.0.2.21, roles: [worker] }
${more}`.replace(/^kubernetes: .*\n([\s\S]*^kubernetes: )/m, '$1'),
    { file: '/i.yaml', label: 'i.yaml', home: '/root', known },
  )

interface Given {
  kubernetes?: boolean
  downloads?: readonly string[]
  /** Which parts of a node are there. Default: of a node all. */
  nodeParts?: readonly string[]
  /** What its package manager says; undefined: it gives no answer. */
  says?: string | undefined
}

/** cp1 with this os-release, and a log of what it was asked. */
function host(release: string, given: Given = {}, name = 'cp1'): Connected & { asked: string[] } {
  const { kubernetes = false, downloads = [] } = given
  const { nodeParts = kubernetes ? ['runtime', 'cniPlugins'] : [] } = given
  const file = new URL(`../../os/fixtures/os-release/${release}.txt`, import.meta.url)
  const { os } = parseFacts(`\n@os\n${readFileSync(file, 'utf8')}\n@end\n`, { before: 0, after: 0 })
  const facts = { os, kubernetes, downloads, nodeParts }
  const one = machine(name === 'cp1' ? {} : { name, roles: ['worker'] }, facts)
  const selected = selectSystem(catalog.systems, one.facts, undefined)
  if ('problem' in selected) throw new Error(selected.problem)
  const asked: string[] = []
  const answer = ({ args = [] }: { args?: readonly string[] }) => {
    asked.push(...args)
    if ('says' in given && given.says === undefined) throw new UserError('connection', 'no answer', {})
    return { stdout: Buffer.from(given.says ?? '') }
  }
  return { ...one, os: selected.os, host: fakeHost(name, { answer }), asked }
}

const sources = ({ sources: { runtime, cniPlugins } }: ClusterSpec) => ({ runtime, cniPlugins })
const packages = { runtime: 'packages', cniPlugins: 'packages' }
const settled = async (text: string, ...machines: Connected[]) =>
  sources(await asHostsHave(decode(text), machines, true))
const version = (one: string): string => `kubernetes: { version: "${one}" }`

describe('a new cluster downloads what its hosts cannot have as a package', () => {
  it.each([
    ['rocky-9.5', '', '', { runtime: 'download', cniPlugins: 'packages' }],
    // who could not look has not seen that it is not there; preflight warns
    ['rocky-9.5 whose package manager does not answer', '', undefined, packages],
    ['rocky-10.1', '', 'unknown containerd.io\nunknown containernetworking-plugins\n', packages],
    // it knows nothing of the proxy yet
    [
      'rocky-9.5 whose package manager does not answer',
      'sources: { proxy: { https: "http://192.0.2.1:3128" } }',
      undefined,
      { runtime: 'download', cniPlugins: 'packages' },
    ],
    ['rocky-10.1', '', '', { runtime: 'download', cniPlugins: 'download' }],
    // other repositories of the host: Docker's, EPEL
    ['rocky-9.5', '', 'offered containerd.io 2.2.3-1.el9\n', packages],
    [
      'rocky-10.1',
      '',
      'offered containerd.io 2.2.3-1.el10\ninstalled containernetworking-plugins 1.9.0-1\n',
      packages,
    ],
    [
      'debian-11',
      '',
      'offered containerd 1.4.13~ds1-1~deb11u4\n',
      { runtime: 'download', cniPlugins: 'packages' },
    ],
    // its lists were not fetched yet
    ['debian-11', '', '', { runtime: 'download', cniPlugins: 'packages' }],
    ['debian-11', '', 'offered containerd 1.7.24-1~bpo11+1\n', packages],
    ['debian-11', version('1.25.16'), '', packages],
    ['debian-12', '', 'offered containerd 1.6.20~ds1-1+b1\n', packages],
    ['debian-12', version('1.37.0'), '', { runtime: 'download', cniPlugins: 'packages' }],
    [
      'debian-13',
      version('1.37.0'),
      'offered containerd 1.7.24~ds1-6+b1\n',
      { runtime: 'download', cniPlugins: 'packages' },
    ],
    ['ubuntu-26.04', version('1.37.0'), 'offered containerd 2.2.1-0ubuntu1\n', packages],
    // too new
    [
      'ubuntu-26.04',
      `${version('1.22.17')}\nruntime: containerd`,
      'offered containerd 2.2.1-0ubuntu1\n',
      { runtime: 'download', cniPlugins: 'packages' },
    ],
    // what somebody installed stays, and preflight says what is wrong with it
    ['debian-11', '', 'installed containerd 1.4.13~ds1-1\noffered containerd 1.4.13~ds1-1\n', packages],
    ['ubuntu-20.04', '', '', packages],
    ['fedora-42', '', 'offered containerd 2.0.5-1.fc42\n', packages],
  ])('%s with "%s", whose package manager says %j', async (release, text, says, expected) => {
    expect(await settled(text, host(release.split(' ')[0] ?? '', { says }))).toEqual(expected)
  })

  it('on all nodes as soon as one of them requires it', async () => {
    const machines = [
      host('debian-12', { says: 'offered containerd 1.6.20~ds1-1\n' }),
      host('rocky-9.5', {}, 'w1'),
    ]
    expect((await settled('', ...machines)).runtime).toBe('download')
  })

  it('and still with another version, or what a living cluster keeps', async () => {
    const spec = await asHostsHave(decode(), [host('rocky-10.1')], true)
    expect(sources(spec.keeping({ network: 'bridge' }))).toEqual({
      runtime: 'download',
      cniPlugins: 'download',
    })
    expect(sources(spec.atVersion('1.35.6'))).toEqual({ runtime: 'download', cniPlugins: 'download' })
  })
})

describe('packages stay', () => {
  it.each([
    ['where the inventory says so', 'sources: { runtime: packages, cniPlugins: packages }'],
    ['with a bundle: hosts download nothing by themselves', 'binaries: { bundle: . }'],
    [
      'with a runtime that has no releases',
      'runtime: docker\ndocker: { criDockerd: ./d }\nsources: { cniPlugins: packages }',
    ],
  ])('%s', async (_, text) => {
    const one = host('rocky-10.1')
    expect(await settled(text, one)).toEqual(packages)
    expect(one.asked).toEqual([])
  })

  it('of the CNI plug-ins with packages of Kubernetes, which bring their own', async () => {
    expect(await settled('sources: { kubernetes: packages }', host('rocky-10.1'))).toEqual({
      runtime: 'download',
      cniPlugins: 'packages',
    })
  })

  it('where the inventory adds repositories, which may have them', async () => {
    const one = host('rocky-9.5')
    const repositories = [
      {
        name: 'docker',
        url: 'https://e.com',
        key: '/k',
        suite: '',
        components: [],
        signedLists: true,
        at: '',
      },
    ]
    const own = { ...one, spec: { ...one.spec, os: { like: undefined, hold: false, repositories } } }
    expect(await settled('', own)).toEqual(packages)
  })
})

describe('a cluster that lives keeps what it has', () => {
  it.each([
    ['packages', [], packages],
    ['a downloaded runtime', ['containerd', 'etcd'], { runtime: 'download', cniPlugins: 'packages' }],
    ['both downloaded', ['cniPlugins', 'containerd'], { runtime: 'download', cniPlugins: 'download' }],
  ])('%s, whatever a new node would like', async (_, downloads, expected) => {
    const machines = [host('debian-11', { kubernetes: true, downloads }), host('rocky-10.1', {}, 'w1')]
    expect(await settled('', ...machines)).toEqual(expected)
    expect(machines.flatMap(({ asked }) => asked)).toEqual([])
  })

  it('also where the only node that was reached is new', async () => {
    expect(await settled('', host('rocky-10.1', {}, 'w1'))).toEqual(packages)
  })

  it('a birth that was cut goes on as it began', async () => {
    const one = host('debian-12', { downloads: ['containerd'], says: 'offered containerd 1.6.20~ds1-1\n' })
    expect((await settled('', one)).runtime).toBe('download')
  })

  it.each([
    [
      'of which nothing is there but its certificates begins anew',
      [],
      { runtime: 'download', cniPlugins: 'packages' },
    ],
    ['goes on with the packages that are there', ['runtime', 'cniPlugins'], packages],
  ])('a birth that was cut, %s', async (_, nodeParts, expected) => {
    const one = host('rocky-9.5', { kubernetes: true, nodeParts, says: '' })
    expect(await settled('', one, host('rocky-9.5', { says: '' }, 'w1'))).toEqual(expected)
  })

  it('whatever lies on a host that is to join', async () => {
    const left = host('debian-12', { downloads: ['containerd', 'cniPlugins'] }, 'w1')
    expect(await settled('', host('debian-12', { kubernetes: true }), left)).toEqual(packages)
  })

  it('as control plane nodes have it, where nodes differ', async () => {
    const worker = host('debian-12', { kubernetes: true, downloads: ['containerd'] }, 'w1')
    expect(await settled('', worker, host('debian-12', { kubernetes: true }))).toEqual(packages)
  })

  it('and the inventory has the last word', async () => {
    const one = host('debian-12', { kubernetes: true, downloads: ['containerd', 'cniPlugins'] })
    expect(await settled('sources: { runtime: packages, cniPlugins: packages }', one)).toEqual(packages)
  })
})

it('a command that only looks asks nobody', async () => {
  const one = host('rocky-9.5')
  expect(sources(await asHostsHave(decode(), [one], false))).toEqual(packages)
  expect(one.asked).toEqual([])
})
