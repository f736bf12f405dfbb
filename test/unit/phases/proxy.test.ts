import { expect, it } from 'vitest'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { Secret } from '../../../src/lib/secret.js'
import { suseSystems } from '../../../src/os/suse.js'
import { proxy } from '../../../src/phases/proxy.js'
import { aptProxy, proxyEnvironment } from '../../../src/sources/proxy.js'
import { noProxyOf } from '../../../src/steps/host/proxy-settings.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const own = {
  http: undefined,
  https: 'http://proxy.test:3128',
  auth: undefined,
  noProxy: ['cp1', '10.0.0.1', '10.244.0.0/16', '.svc', '::1'],
}

it('what is reached without a proxy is computed, and added to', () => {
  const spec = clusterSpec({
    sources: {
      kubernetes: 'download',
      runtime: 'packages',
      cniPlugins: 'packages',
      versions: {},
      mirrors: {},
      caCertificate: undefined,
      proxy: { http: undefined, https: 'http://p', noProxy: ['.example.com', 'cp1'], auth: undefined },
    },
  })
  expect(noProxyOf(spec)).toEqual([
    'localhost',
    '127.0.0.1',
    '::1',
    'api.lab.internal',
    '10.88.0.15',
    '10.244.0.0/16',
    '10.96.0.0/12',
    '.svc',
    '.cluster.local',
    '.example.com',
    'cp1',
  ])
})

it('a host that is added changes nothing of it, unless it serves images or programs', () => {
  const one = clusterSpec()
  const [host] = one.hosts
  if (!host) throw new Error('no host')
  const w3 = { ...host, name: 'w3', address: '192.0.2.7' }
  const two = { ...one, hosts: [...one.hosts, w3] }
  expect(noProxyOf(two)).toEqual(noProxyOf(one))
  const added = (spec: ClusterSpec) => noProxyOf(spec).filter((name) => !noProxyOf(one).includes(name))
  expect(added({ ...two, imageRepository: 'w3:5000/k8s' })).toEqual(['w3'])
  expect(added({ ...two, sources: { ...one.sources, mirrors: { github: 'https://192.0.2.7/gh' } } })).toEqual(
    ['192.0.2.7'],
  )
})

it('the environment names each scheme that has a proxy, in either case of letters', () => {
  expect(proxyEnvironment(own)).toBe(`# Written by kubestrap: sources.proxy
https_proxy="http://proxy.test:3128"
HTTPS_PROXY="http://proxy.test:3128"
no_proxy="cp1,10.0.0.1,10.244.0.0/16,.svc,::1"
NO_PROXY="cp1,10.0.0.1,10.244.0.0/16,.svc,::1"
`)
})

it('apt reaches hosts directly that it can name', () => {
  expect(aptProxy(own, [])).toBe(`// Written by kubestrap: sources.proxy
Acquire::https::Proxy "http://proxy.test:3128";
Acquire::https::Proxy::cp1 "DIRECT";
Acquire::https::Proxy::10.0.0.1 "DIRECT";
`)
})

it('apt reaches the servers of its repositories directly that are in a domain or a subnet', async () => {
  const repository = (url: string) => ({
    name: 'one',
    url,
    suite: 'x',
    components: [],
    signedLists: true,
    key: 'k',
    at: 'i.yaml:1:1',
  })
  const urls = [
    'https://deb.internal.test/a',
    'http://10.1.2.3:81/b',
    'https://deb.debian.test',
    'https://[fd00::1]/',
  ]
  const [first] = proxy
    .steps(
      contextOf([machine({ os: { like: undefined, hold: false, repositories: urls.map(repository) } })], {
        proxy: { ...own, noProxy: ['.Internal.TEST', '10.1.0.0/16', 'fd00::/64'] },
      }),
    )
    .filter(({ id }) => id === 'file:/etc/apt/apt.conf.d/90kubestrap-proxy')
  expect(first?.diff({ kind: 'absent' })[0]?.diff).toContain(`
+Acquire::https::Proxy "http://proxy.test:3128";
+Acquire::https::Proxy::deb.internal.test "DIRECT";
+Acquire::https::Proxy::10.1.2.3 "DIRECT";
`)
})

it('with a password every file that has it is a secret, and the password is one part of a URL', () => {
  const auth = { username: 'ops', password: new Secret('p@ss:"$`/') }
  const text = proxyEnvironment({ ...own, auth })
  expect(text).toBeInstanceOf(Secret)
  expect(text instanceof Secret && text.reveal()).toContain(
    'https_proxy="http://ops:p%40ss%3A%22%24%60%2F@proxy.test:3128"\n',
  )
  expect(aptProxy({ ...own, auth }, [])).toBeInstanceOf(Secret)
})

it('reaches hosts by their roles and package managers', () => {
  const suse = suseSystems[0]?.of(machine().facts)
  const machines = [
    machine({ name: 'w1', roles: ['worker'] }),
    { ...machine({ name: 'e1', address: '192.0.2.3', roles: ['etcd'] }), ...(suse ? { os: suse } : {}) },
  ]
  const ids = proxy.steps(contextOf(machines, { proxy: own })).map(({ target, id }) => `${target} ${id}`)
  expect(ids).toEqual([
    'w1 file:/etc/kubestrap/proxy.env',
    'w1 file:/etc/apt/apt.conf.d/90kubestrap-proxy',
    'w1 file:/etc/systemd/system/docker.service.d/kubestrap-proxy.conf',
    'w1 proxy-gone',
    'e1 file:/etc/kubestrap/proxy.env',
    'e1 proxy-gone',
  ])
})

it('a password of an earlier inventory is not shown, either', () => {
  const [step] = proxy.steps(contextOf([machine()], { proxy: own }))
  const content = Buffer.from('https_proxy="http://ops:hunter2@proxy.test:3128"\n')
  const state = { kind: 'file', mode: '0600', owner: 'root:root', size: 1, sha256: '', content } as const
  const told = JSON.stringify(step?.diff(state))
  expect(told).toContain('change /etc/kubestrap/proxy.env')
  expect(told).not.toContain('hunter2')
})
