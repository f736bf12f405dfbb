import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../../../src/host/facts/facts.js'
import type { HostSpec } from '../../../../../src/inventory/spec.js'
import { debian } from '../../../../../src/os/debian.js'
import { rhelLike } from '../../../../../src/os/rhel.js'
import { systemWishes } from '../../../../../src/workflows/bundle/os-packages/wishes.js'
import { machine } from '../../../../support/context.js'
import { clusterSpec, hostSpec } from '../../../../support/spec.js'

const system = (id: string, version: string): Facts['os'] => ({
  id,
  like: [],
  version,
  name: `${id} ${version}`,
})
const host = (spec: Partial<HostSpec>, os = system('debian', '12')) => machine(spec, { os, arch: 'amd64' })
const spec = (hosts: readonly HostSpec[], over: Parameters<typeof clusterSpec>[0] = {}) =>
  clusterSpec({ hosts, runtime: 'containerd', network: 'bridge', ...over })
const wishes = (hosts: readonly ReturnType<typeof host>[], over: Parameters<typeof clusterSpec>[0] = {}) =>
  systemWishes(
    spec(
      hosts.map((one) => one.spec),
      over,
    ),
    hosts,
    () => {},
  )

describe('packages for a bundle', () => {
  it('are those of all roles for each system, whatever hosts have', () => {
    const found = wishes([
      host({ name: 'cp1', roles: ['control-plane'] }),
      host({ name: 'e1', roles: ['etcd'] }),
      host({ name: 'w1', roles: ['worker'] }, system('ubuntu', '24.04')),
    ])
    expect(
      found.map(({ os, version, arch, hosts }) => [os, version, arch, hosts.map((one) => one.spec.name)]),
    ).toEqual([
      ['debian', '12', 'amd64', ['cp1', 'e1']],
      ['ubuntu', '24.04', 'amd64', ['w1']],
    ])
    const [[first], [second]] = found.map(({ groups }) => groups) as [string[][], string[][]]
    expect(first).toEqual(
      expect.arrayContaining([
        'conntrack',
        'containerd',
        'containernetworking-plugins',
        'etcd-server',
        'socat',
      ]),
    )
    // a host of that system may get any role later
    expect(second).toContain('etcd-server')
    expect(first).not.toContain('curl')
  })

  it('are with services that keep the clock, each by itself', () => {
    const groups = (timeSync: HostSpec['timeSync'][]) =>
      wishes(
        timeSync.map((one, i) => host({ name: `w${i}`, roles: ['worker'], timeSync: one })),
      )[0]?.groups.slice(1)
    expect(groups([undefined])).toEqual([['systemd-timesyncd']])
    expect(groups([undefined, 'chrony', 'chrony'])).toEqual([['systemd-timesyncd'], ['chrony']])
    expect(groups([false])).toEqual([])
  })

  it('are with what hosts download with, where they do', () => {
    const { sources } = clusterSpec()
    const [found] = wishes([host({ name: 'w1', roles: ['worker'] })], {
      sources: { ...sources, cniPlugins: 'download' },
    })
    expect(found?.groups[0]).toEqual(expect.arrayContaining(['curl', 'ca-certificates', 'tar', 'gzip']))
    expect(found?.groups[0]).not.toContain('containernetworking-plugins')
  })

  it('are for the roles of hosts that were not reached, too', () => {
    const reached = [
      host({ name: 'w1', roles: ['worker'] }),
      host({ name: 'w2', roles: ['worker'] }, system('debian', '13')),
    ]
    const away = hostSpec({ name: 'e1', roles: ['etcd'] })
    const found = systemWishes(spec([...reached.map((one) => one.spec), away]), reached, () => {})
    expect(found).toHaveLength(2)
    for (const { groups } of found) expect(groups[0]).toContain('etcd-server')
  })

  it.each([
    ['debian', '12/../../../../x'],
    ['../debian', '12'],
    ['debian', '.'],
    ['debian', 'A'],
  ])('are for no system that is no name of a directory: %s %s', (id, version) => {
    expect(() => wishes([host({ name: 'cp1' }, system(id, version))])).toThrow('the host names no system')
  })

  it('are refused by name for a package manager that cannot download them', () => {
    const rocky = { ...host({ name: 'w1', roles: ['worker'] }, system('rocky', '9.4')), os: rhelLike }
    const said: string[] = []
    const hosts = [{ ...host({ name: 'cp1' }), os: debian }, rocky]
    const found = systemWishes(spec(hosts.map((one) => one.spec)), hosts, (line) => said.push(line))
    expect(found.map(({ os }) => os)).toEqual(['debian'])
    expect(said).toEqual(['no packages for rocky 9.4 on amd64: apt alone can download them'])
    expect(() => wishes([rocky])).toThrow('bundle create cannot download packages for rocky 9.4 yet')
  })
})
