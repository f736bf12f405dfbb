import { describe, expect, it } from 'vitest'
import { changed, decode, good } from './support.js'

const minimal = `kubernetes: { version: v1.20.2 }
binaries: { bundle: ~/b }
hosts:
  CP1: { address: 192.0.2.11, roles: [control-plane] }
`

describe('a decoded inventory', () => {
  it('has every default', () => {
    const { at, keeping, atVersion, outsider, ...spec } = decode(minimal)
    expect(outsider('10.0.0.9')).toMatchObject({ name: '10.0.0.9', roles: [], ssh: { host: '10.0.0.9' } })
    expect(keeping({ network: 'bridge' }).network).toBe('bridge')
    expect(atVersion('1.36.3')).toMatchObject({ version: '1.36.3', minor: '1.36' })
    expect(at('kubernetes.version')).toBe('i.yaml:1:15')
    expect(spec).toEqual({
      file: '/etc/ks/i.yaml',
      directory: '/etc/ks',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      clusterName: 'kubernetes',
      version: '1.20.2',
      minor: '1.20',
      imageRepository: undefined,
      endpoint: { host: '192.0.2.11', port: 6443, named: false, explicit: false },
      endpointAddress: '192.0.2.11',
      apiServer: { bindPort: 6443, certSANs: [], extraArgs: {}, extraVolumes: [] },
      controllerManager: { extraArgs: {}, extraVolumes: [] },
      scheduler: { extraArgs: {}, extraVolumes: [] },
      etcd: { dataDir: '/var/lib/etcd', extraArgs: {}, imageTag: undefined, install: { from: 'package' } },
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
      certificates: { renewBefore: 90 * 86_400_000 },
      rollout: {
        maxUnavailable: 1,
        minReadyMs: 0,
        maxFailed: 0,
        drain: { timeoutMs: 300_000, deleteEmptyDirData: true, force: false },
      },
      dns: { enabled: true, imageTag: undefined },
      runtime: 'docker',
      runtimePrograms: {},
      registries: [],
      network: 'flannel',
      flannel: { backend: 'vxlan' },
      unset: ['runtime', 'network'],
      unsetSources: ['cniPlugins'],
      kubelet: { config: {}, extraArgs: {} },
      kubeProxy: { config: {} },
      kubeconfig: { loginUser: false },
      binaries: { bundle: '/home/me/b' },
      sources: {
        kubernetes: 'bundle',
        runtime: 'packages',
        cniPlugins: 'packages',
        versions: {},
        mirrors: {},
        caCertificate: undefined,
      },
      verify: {
        image: 'registry.k8s.io/e2e-test-images/busybox:1.29-4',
        bundled: 'registry.k8s.io/e2e-test-images/busybox:1.29-4',
      },
      hosts: [
        {
          name: 'cp1',
          address: '192.0.2.11',
          roles: ['control-plane'],
          connection: 'ssh',
          ssh: {
            user: 'root',
            port: 22,
            host: '192.0.2.11',
            keys: ['/home/me/.ssh/id_ed25519', '/home/me/.ssh/id_ecdsa', '/home/me/.ssh/id_rsa'],
            keysNamed: false,
            identitiesOnly: false,
            knownHosts: ['/etc/ks/i.known_hosts', '/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
            hostKeys: 'strict',
            notes: [],
          },
          os: { hold: false, repositories: [] },
          state: 'up',
          labels: {},
          taints: [],
          groups: [],
          kubeletConfig: {},
          kubeletExtraArgs: {},
          origins: expect.anything(),
          at: 'i.yaml:4:3',
        },
      ],
      lab: undefined,
    })
  })

  it('lets a host’s ssh win over the cluster’s, key by key', () => {
    const own = '{ address: 192.0.2.11, ssh: { port: 2222 }, roles: [control-plane] }'
    const text = changed('{ address: 192.0.2.11, roles: [control-plane] }', own)
    const [first, second] = decode(`${text}ssh: { user: admin, key: keys/a, keys: [/b, ~/c] }\n`).hosts
    expect(first?.ssh).toMatchObject({
      user: 'admin',
      port: 2222,
      keys: ['/etc/ks/keys/a', '/b', '/home/me/c'],
    })
    expect(second?.ssh).toMatchObject({ user: 'admin', port: 22 })
  })

  it('reads an endpoint that is a name, and what it stands for', () => {
    const spec = decode(good)
    expect(spec.endpoint).toEqual({ host: 'api.example.com', port: 6443, named: true, explicit: true })
    expect(spec.endpointAddress).toBe('192.0.2.11')
  })

  it('reads an endpoint that is an IPv6 address', () => {
    const spec = decode(changed('api.example.com:6443', '"[2001:db8::1]:443"'))
    expect(spec.endpoint).toEqual({ host: '2001:db8::1', port: 443, named: false, explicit: true })
  })

  it('has every address in its canonical form, however it is written', () => {
    const six = changed(
      'networking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n',
      'networking:\n  podSubnet: "FD00:0:0::/48"\n  serviceSubnet: "FD01:0::/112"\n',
      changed('192.0.2.11', '"2001:DB8:0:0::11"', changed('192.0.2.21', '"2001:0db8::0021"')),
    )
    const spec = decode(
      `${changed('api.example.com:6443', '"[2001:DB8:0::9]:6443"', six)}
apiServer: { certSANs: ["2001:DB8::0:1", A.example.com] }
loadBalancer: { type: external }
`.replace('A.example', 'a.example'),
    )
    expect(spec.hosts.map(({ address, ssh }) => [address, ssh.host])).toEqual([
      ['2001:db8::11', '2001:db8::11'],
      ['2001:db8::21', '2001:db8::21'],
    ])
    expect(spec.networking).toMatchObject({ podSubnet: 'fd00::/48', serviceSubnet: 'fd01::/112' })
    expect([spec.endpoint.host, spec.endpointAddress]).toEqual(['2001:db8::9', '2001:db8::9'])
    expect(spec.apiServer.certSANs).toEqual(['2001:db8::1', 'a.example.com'])
    const balanced = decode(
      `${changed('api.example.com:6443', '"[2001:DB8:0::9]:6443"', six)}
loadBalancer: { type: kube-vip, virtualIP: "2001:db8:0:0:0::9" }
etcd: { external: { endpoints: ["https://[2001:DB8:0::7]:2379"], caFile: /a, certFile: /b, keyFile: /c } }
`,
    )
    expect([balanced.loadBalancer?.virtualIp, balanced.endpointAddress]).toEqual([
      '2001:db8::9',
      '2001:db8::9',
    ])
    expect(balanced.etcd.external?.endpoints).toEqual(['https://[2001:db8::7]:2379'])
  })

  it('reads taints with and without a value', () => {
    const spec = decode(changed('"dedicated=batch:NoSchedule"', '"a=b:NoExecute", "x.io/c:PreferNoSchedule"'))
    expect(spec.hosts[1]?.taints).toEqual([
      { key: 'a', value: 'b', effect: 'NoExecute' },
      { key: 'x.io/c', value: '', effect: 'PreferNoSchedule' },
    ])
  })

  it.each([
    ['', ['10.9.9.9']],
    ['apiServer: { certSANs: [a.example.com] }', ['a.example.com', '10.9.9.9']],
    ['apiServer: { certSANs: [10.9.9.9, a.example.com] }', ['10.9.9.9', 'a.example.com']],
  ])("has the load balancer's virtual IP in the API servers' certificate, once: %s", (more, sans) => {
    const balanced = 'loadBalancer: { type: kube-vip, virtualIP: 10.9.9.9, image: x }\n'
    expect(decode(`${good}${balanced}${more}`).apiServer.certSANs).toEqual(sans)
  })

  it('is frozen through and through', () => {
    const text = `${good}kubelet: { config: { evictionHard: { "memory.available": 5% }, clusterDNS: [10.96.0.10] } }\n`
    const open: string[] = []
    const look = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) open.push(path)
      for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`)
    }
    look(decode(text), 'spec')
    expect(open).toEqual([])
  })
})
