import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { known } from '../../../../src/catalog.js'
import { decodeInventory } from '../../../../src/inventory/decode.js'
import { InventoryError } from '../../../../src/inventory/problem.js'
import type { ClusterSpec } from '../../../../src/inventory/spec.js'
import { asItLives } from '../../../../src/workflows/session/as-it-lives.js'
import { machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const decode = (more = ''): ClusterSpec =>
  decodeInventory(
    `hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane] }
  w1: { address: 192.0.2.21, roles: [worker] }
binaries: { bundle: . }
${more}`,
    { file: '/i.yaml', label: 'i.yaml', home: '/root', known: { ...known, newest: '1.36.2' } },
  )

const golden = (release: string, name: string): string =>
  readFileSync(new URL(`../../../golden/data/${release}/files/${name}`, import.meta.url), 'utf8')

/** A control plane that kubeadm made. */
function born(release: string, network: 'bridge' | 'flannel') {
  const sign = { bridge: '10-kubestrap-bridge.conflist', flannel: '10-flannel.conflist' }[network]
  const files = {
    '/etc/kubernetes/manifests/kube-apiserver.yaml': golden(release, 'kube-apiserver.yaml'),
    '/var/lib/kubelet/kubeadm-flags.env': golden(release, 'kubeadm-flags.env'),
    [`/etc/cni/net.d/${sign}`]: '{}',
  }
  return { ...machine({}, { kubernetes: true }), host: fakeHost('cp1', { files }) }
}
const of = ({ version, minor, runtime, network }: ClusterSpec) => ({ version, minor, runtime, network })

it('a new cluster has the newest tested version, and the defaults of today', async () => {
  const spec = await asItLives(decode(), [machine()])
  expect(spec.unset).toEqual(['kubernetes.version', 'runtime', 'network'])
  expect(of(spec)).toEqual({ version: '1.36.2', minor: '1.36', runtime: 'containerd', network: 'flannel' })
})

it.each([
  ['1.20.2', 'docker'],
  ['1.23.17', 'docker'],
  ['1.24.0', 'containerd'],
  ['1.36.2', 'containerd'],
])('the default runtime of Kubernetes %s is %s', (version, runtime) => {
  expect(decode(`kubernetes: { version: "${version}" }`).runtime).toBe(runtime)
})

it('a program for Docker says that Docker is meant, whatever is the default', () => {
  const docker = 'docker: { criDockerd: ./cri-dockerd }\nkubernetes: { version: "1.26.15" }'
  expect(decode(docker).runtime).toBe('docker')
})

it('of what no control plane tells, workers are believed: a birth was cut', async () => {
  const worker = {
    ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: true }),
    host: fakeHost('w1', { files: { '/etc/cni/net.d/10-kubestrap-bridge.conflist': '{}' } }),
  }
  const bare = { ...machine({}, { kubernetes: true }), host: fakeHost('cp1', { files: {} }) }
  expect((await asItLives(decode(), [bare, worker])).network).toBe('bridge')
})

it('a living cluster keeps its version, runtime and network', async () => {
  const spec = await asItLives(decode(), [born('v1.20.2-stacked', 'bridge')])
  expect(of(spec)).toEqual({ version: '1.20.2', minor: '1.20', runtime: 'docker', network: 'bridge' })
  expect(spec.unset).toEqual(['kubernetes.version', 'runtime', 'network'])
})

it('what the inventory names is not what the cluster has: planning refuses the difference', async () => {
  const named = decode('kubernetes: { version: "1.36.2" }\nruntime: containerd')
  const spec = await asItLives(named, [born('v1.20.2-stacked', 'flannel')])
  expect(of(spec)).toEqual({ version: '1.36.2', minor: '1.36', runtime: 'containerd', network: 'flannel' })
})

it('the rest of the inventory is checked against what the cluster has', async () => {
  const today = decode('kubelet: { config: { failCgroupV1: false } }')
  expect(today.version).toBe('1.36.2')
  await expect(asItLives(today, [born('v1.20.2-stacked', 'bridge')])).rejects.toThrow(InventoryError)
})

it('a word that is nothing to kubestrap is not taken over', async () => {
  const files = {
    '/var/lib/kubelet/kubeadm-flags.env':
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/of/mine.sock"',
    '/etc/kubernetes/manifests/kube-apiserver.yaml':
      'spec: { containers: [{ image: "evil/kube-apiserver:v1.20.2-;rm" }] }',
  }
  const odd = { ...machine({}, { kubernetes: true }), host: fakeHost('cp1', { files }) }
  expect(of(await asItLives(decode(), [odd]))).toEqual(of(decode()))
})

it('a worker is not believed where a control plane can be asked', async () => {
  const liar = {
    ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: true }),
    host: fakeHost('w1', { files: { '/etc/cni/net.d/10-kubestrap-bridge.conflist': '{}' } }),
  }
  const spec = await asItLives(decode(), [liar, born('v1.20.2-stacked', 'flannel')])
  expect(spec.network).toBe('flannel')
})
