import { describe, expect, it } from 'vitest'
import { sight, unseen, written } from './support.js'

const hostsOf = (text: string): string[] =>
  text
    .slice(text.indexOf('\nhosts:\n') + 8)
    .trimEnd()
    .split('\n')

describe('the smallest inventory', () => {
  it('of a control plane and two workers is about ten lines, with its version', () => {
    const { text } = written(
      { 'control-plane': ['10.0.0.11'], worker: ['10.0.0.21,10.0.0.22'] },
      { ssh: { user: 'ops' } },
    )
    expect(text).toBe(`# Written by kubestrap new. Every key and its meaning: kubestrap inventory schema
kubernetes:
  version: "1.20.2"
  # controlPlaneEndpoint: api.example.com:6443 # set a name before the first up, to add control plane nodes later
binaries:
  bundle: ./bundle # created by: kubestrap lab bundle
ssh: { user: ops }
hosts:
  cp1: { address: 10.0.0.11, roles: [control-plane] }
  w1: { address: 10.0.0.21, roles: [worker] }
  w2: { address: 10.0.0.22, roles: [worker] }
`)
  })

  it('names no bundle where an inventory requires none, and a runtime only when it was asked for', () => {
    expect(written({ 'control-plane': ['10.0.0.11'] }, { bundle: undefined }).text).not.toContain('bundle')
    expect(written({ 'control-plane': ['10.0.0.11'] }, { runtime: 'containerd' }).text).toContain(
      '\nruntime: containerd\n',
    )
  })

  it('has settings of the kubelet where machines require some, and the decoder takes them', () => {
    const { text, spec } = written(
      { 'control-plane': ['10.0.0.11'] },
      { version: '1.36.3', bundle: undefined, kubeletConfig: { failCgroupV1: false } },
    )
    expect(text).toContain('\nkubelet: { config: { failCgroupV1: false } } # for machines with cgroup v1\n')
    expect(spec.kubelet.config).toEqual({ failCgroupV1: false })
  })

  it('of one machine runs workloads on it', () => {
    expect(hostsOf(written({ 'control-plane': ['10.0.0.11'] }).text)).toEqual([
      '  cp1: { address: 10.0.0.11, roles: [control-plane, worker] }',
    ])
  })
})

describe('a machine that was looked at', () => {
  it('has its own short host name, and what it is beside it', () => {
    const { text } = written({ 'control-plane': ['10.0.0.11'], worker: ['10.0.0.21'] }, {}, ({ target }) =>
      target === '10.0.0.11'
        ? { kind: 'seen', sight: sight({ hostname: 'Alpha.example.com' }), dialled: target }
        : unseen,
    )
    expect(hostsOf(text)).toEqual([
      '  alpha: { address: 10.0.0.11, roles: [control-plane] } # Debian GNU/Linux 12 (bookworm), amd64',
      '  w1: { address: 10.0.0.21, roles: [worker] }',
    ])
  })

  it('that could not be asked is written, and marked', () => {
    const { text } = written({ 'control-plane': ['10.0.0.11'] }, {}, () => ({
      kind: 'unseen',
      tried: true,
      dialled: undefined,
    }))
    expect(text).toContain('# could not be looked at\n')
  })

  it('of another cluster is marked with that cluster', () => {
    const { text } = written({ 'control-plane': ['10.0.0.11'] }, {}, () => ({
      kind: 'seen',
      sight: sight({ cluster: 'a Kubernetes cluster (https://10.9.9.9:6443)' }),
      dialled: undefined,
    }))
    expect(text).toContain('; ALREADY BELONGS TO a Kubernetes cluster (https://10.9.9.9:6443)\n')
  })

  it('whose sudo asks for a password has a reference to it, never a password', () => {
    const asks = () => ({ kind: 'seen', sight: sight({ root: 'sudo-asks' }), dialled: undefined }) as const
    expect(written({ 'control-plane': ['10.0.0.11'] }, { ssh: { user: 'ops' } }, asks).text).toContain(
      '\nssh: { user: ops, sudo: { password: prompt } }\n',
    )
    expect(
      written({ 'control-plane': ['10.0.0.11'] }, { ssh: { sudoPassword: 'env:SUDO' } }, asks).text,
    ).toContain('\nssh: { sudo: { password: "env:SUDO" } }\n')
  })

  it('by its public address has its own as a node, and SSH goes on by the public one', () => {
    const { text, notes } = written({ 'control-plane': ['198.51.100.7'] }, {}, () => ({
      kind: 'seen',
      sight: sight(),
      dialled: '198.51.100.7',
    }))
    expect(hostsOf(text)[0]).toMatch(
      /^ {2}alpha: \{ address: 10\.0\.0\.11, ssh: \{ host: 198\.51\.100\.7 \}, roles/,
    )
    expect(notes).toEqual([
      "198.51.100.7 is not assigned to alpha: the node's address is 10.0.0.11, and SSH uses 198.51.100.7",
    ])
  })
})

describe('a host by name', () => {
  it('is dialled by that name, and has the address it resolves to', () => {
    const { text, spec } = written({ 'control-plane': ['Master.example.com'] }, {}, () => ({
      kind: 'unseen',
      tried: true,
      dialled: '10.0.0.11',
    }))
    expect(text).toContain('  master: { address: 10.0.0.11, ssh: { host: Master.example.com }, roles')
    expect(spec.hosts[0]?.ssh.host).toBe('Master.example.com')
  })

  it('of which no address is known is refused, with what to do', () => {
    expect(() => written({ 'control-plane': ['alias'] })).toThrow(
      '--control-plane alias: no address of the host is known',
    )
  })
})

describe('names of nodes', () => {
  const namesOf = (planes: string[], hostnames: Record<string, string>): string[] =>
    written({ 'control-plane': planes }, {}, ({ target }) => ({
      kind: 'seen',
      sight: sight({ hostname: hostnames[target] ?? '', addresses: [target], defaultAddress: target }),
      dialled: target,
    })).spec.hosts.map(({ name }) => name)

  it('are numbered where two machines have the same', () => {
    expect(namesOf(['10.0.0.1', '10.0.0.2'], { '10.0.0.1': 'debian', '10.0.0.2': 'debian' })).toEqual([
      'cp1',
      'cp2',
    ])
  })
  it('are numbered around those that are taken', () => {
    expect(namesOf(['10.0.0.1', '10.0.0.2'], { '10.0.0.2': 'cp1' })).toEqual(['cp2', 'cp1'])
    expect(namesOf(['10.0.0.1', 'cp1=10.0.0.2'], { '10.0.0.1': 'cp1' })).toEqual(['cp2', 'cp1'])
  })
  it.each(['localhost', '', 'under_score', '-x', 'a\u001b[31mb', 'é', `${'x'.repeat(64)}`])(
    'are numbered where the machine calls itself %j',
    (hostname) => {
      expect(namesOf(['10.0.0.1'], { '10.0.0.1': hostname })).toEqual(['cp1'])
    },
  )
})

describe('subnets', () => {
  it('are chosen where the default ones contain a machine', () => {
    const { spec } = written({ 'control-plane': ['10.244.0.5'], worker: ['10.100.0.1'] })
    expect(spec.networking).toMatchObject({ podSubnet: '10.243.0.0/16', serviceSubnet: '172.31.0.0/16' })
  })
  it('of IPv6 hosts are of IPv6', () => {
    expect(written({ 'control-plane': ['[2001:DB8::1]'] }).spec.networking.podSubnet).toBe('fd00:10:244::/56')
  })
  it('of hosts of both families are refused', () => {
    expect(() => written({ 'control-plane': ['10.0.0.1', '2001:db8::1'] })).toThrow('both families')
  })
})

describe('hosts that do not go together', () => {
  it.each([
    [{ worker: ['10.0.0.21'] }, 'a cluster requires a control plane node'],
    [{ 'control-plane': ['10.0.0.1'], etcd: ['10.0.0.1'] }, '10.0.0.1 is an etcd host and a node'],
    [
      { 'control-plane': ['a=10.0.0.1'], worker: ['a=10.0.0.2'] },
      'a is the name of two hosts: 10.0.0.1 and 10.0.0.2',
    ],
    [{ 'control-plane': ['a=10.0.0.1'], worker: ['b=10.0.0.1'] }, '10.0.0.1 has two names: a and b'],
    [{ 'control-plane': ['10.0.0.256'] }, '--control-plane 10.0.0.256: "10.0.0.256" is not an IP address'],
    [
      { 'control-plane': ['ops@10.0.0.1'] },
      '--control-plane ops@10.0.0.1: a login user does not belong here',
    ],
    [{ 'control-plane': ['10.0.0.1:22'] }, '--control-plane 10.0.0.1:22: "10.0.0.1:22" is not an address'],
    [{ 'control-plane': ['A_B=10.0.0.1'] }, '--control-plane A_B=10.0.0.1: "a_b" cannot be a node name'],
    [{ 'control-plane': ['$(id)'] }, '--control-plane $(id): "$(id)" is not a host name'],
    [{ 'control-plane': [' , '] }, '--control-plane has no host'],
  ])('%j: %s', (given, message) => {
    expect(() => written(given)).toThrow(expect.objectContaining({ kind: 'usage', message }))
  })

  it('two names of one machine are told as one', () => {
    expect(() =>
      written({ 'control-plane': ['one'], worker: ['two'] }, {}, () => ({
        kind: 'unseen',
        tried: true,
        dialled: '10.0.0.1',
      })),
    ).toThrow('two and one are one machine: both have the address 10.0.0.1')
  })

  it('the same host, named twice, is one', () => {
    expect(
      written({ 'control-plane': ['10.0.0.1', '10.0.0.1'], worker: ['10.0.0.1'] }).spec.hosts,
    ).toMatchObject([{ roles: ['control-plane', 'worker'] }])
  })
})
