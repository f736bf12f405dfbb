import { expect, test } from 'vitest'
import type { BundleImage } from '../../../src/bundle/manifest.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { images } from '../../../src/phases/images.js'
import { contextOf, machine } from '../../support/context.js'

const cp1 = machine({ name: 'cp1', roles: ['control-plane'] })
const w1 = machine({ name: 'w1', address: '192.0.2.21', roles: ['worker'] })

function bundled(reference: string, arch: BundleImage['arch'] = 'amd64'): BundleImage {
  return {
    reference,
    arch,
    needs: 'control-plane',
    id: 'sha256:1',
    file: 'f',
    fileSha256: '',
    fileSize: 1,
  }
}

/** What would be done on machines without any image: "cp1: pull image …". */
async function wanted(
  given: readonly BundleImage[] = [],
  external?: ClusterSpec['etcd']['external'],
  machines = [cp1, w1],
): Promise<string[]> {
  const context = contextOf(machines)
  const { bundle, spec } = context
  const steps = images.steps({
    ...context,
    spec: {
      ...spec,
      dns: { ...spec.dns, enabled: true },
      etcd: { ...spec.etcd, ...(external ? { external } : {}) },
    },
    bundle: {
      ...bundle,
      imagesFor: (needs, arch) => given.filter((image) => image.needs === needs && image.arch === arch),
    },
  })
  const changes = await Promise.all(
    steps.map(async (step) => (await step.diff([])).map(({ summary }) => `${step.target}: ${summary}`)),
  )
  return changes.flat()
}

test('what no bundle brings is pulled where kubeadm pulls it', async () => {
  expect(await wanted()).toEqual([
    'cp1: pull image k8s.gcr.io/kube-apiserver:v1.20.2',
    'cp1: pull image k8s.gcr.io/kube-controller-manager:v1.20.2',
    'cp1: pull image k8s.gcr.io/kube-scheduler:v1.20.2',
    'cp1: pull image k8s.gcr.io/etcd:3.4.13-0',
    'cp1: pull image k8s.gcr.io/coredns:1.7.0',
    'cp1: pull image k8s.gcr.io/kube-proxy:v1.20.2',
    'cp1: pull image k8s.gcr.io/pause:3.2',
    'cp1: pull image verify',
    'w1: pull image k8s.gcr.io/kube-proxy:v1.20.2',
    'w1: pull image k8s.gcr.io/pause:3.2',
    'w1: pull image verify',
  ])
})

test('the image of verification comes to new nodes alone: the kubelet may remove it from others', async () => {
  const node = machine({ name: 'w1', address: '192.0.2.21', roles: ['worker'] }, { kubernetes: true })
  const all = await wanted([], undefined, [cp1, node])
  expect(all.filter((one) => one.endsWith('pull image verify'))).toEqual(['cp1: pull image verify'])
})

test('what a bundle brings is loaded, not pulled', async () => {
  const all = await wanted([bundled('k8s.gcr.io/kube-apiserver:v1.20.2'), bundled('k8s.gcr.io/etcd:3.4.99')])
  expect(all).toContain('cp1: load image k8s.gcr.io/kube-apiserver:v1.20.2')
  expect(all).toContain('cp1: load image k8s.gcr.io/etcd:3.4.99')
  expect(all).toContain('cp1: pull image k8s.gcr.io/etcd:3.4.13-0')
  expect(all).not.toContain('cp1: pull image k8s.gcr.io/kube-apiserver:v1.20.2')
})

test('etcd comes to no control plane that does not run it, from anywhere', async () => {
  const external = { endpoints: ['https://etcd:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' }
  const all = await wanted([bundled('k8s.gcr.io/etcd:3.4.99'), bundled('k8s.gcr.io/etcd-like:1')], external)
  expect(all.filter((one) => one.includes('/etcd'))).toEqual(['cp1: load image k8s.gcr.io/etcd-like:1'])
})

test('of a bundle for several architectures each host gets its own, and pulls what is not there for it', async () => {
  const context = contextOf([
    machine({ name: 'cp1', roles: ['control-plane'] }),
    machine({ name: 'w1', address: '192.0.2.21', roles: ['worker'] }, { arch: 'arm64' }),
  ])
  const proxies = (['amd64', 'arm64'] as const).map((arch) => ({
    ...bundled('k8s.gcr.io/kube-proxy:v1.20.2', arch),
    needs: 'node' as const,
    id: `sha256:${arch}`,
  }))
  const all = [...proxies, { ...bundled('k8s.gcr.io/pause:3.2'), needs: 'node' as const }]
  const steps = images.steps({
    ...context,
    bundle: {
      ...context.bundle,
      manifest: { ...context.bundle.manifest, images: all },
      imagesFor: (needs, arch) => all.filter((image) => image.needs === needs && image.arch === arch),
    },
  })
  const converged = (target: string, id: string): boolean =>
    steps
      .filter((step) => step.target === target && step.id === 'image:k8s.gcr.io/kube-proxy:v1.20.2')
      .every((step) => step.diff([{ reference: 'k8s.gcr.io/kube-proxy:v1.20.2', id }]).length === 0)
  expect([converged('cp1', 'sha256:amd64'), converged('cp1', 'sha256:arm64')]).toEqual([true, false])
  expect([converged('w1', 'sha256:amd64'), converged('w1', 'sha256:arm64')]).toEqual([false, true])
  const pause = steps
    .filter(({ id }) => id.includes('pause'))
    .map((step) => `${step.target}: ${step.diff([])[0]?.summary}`)
  expect(pause).toEqual(['cp1: load image k8s.gcr.io/pause:3.2', 'w1: pull image k8s.gcr.io/pause:3.2'])
})

test('a worker gets CoreDNS of the bundle too: its Pods go there when a control plane node is drained', async () => {
  const all = await wanted([
    bundled('k8s.gcr.io/coredns:1.7.0'),
    bundled('k8s.gcr.io/kube-scheduler:v1.20.2'),
  ])
  expect(all.filter((one) => one.includes('load image'))).toEqual([
    'cp1: load image k8s.gcr.io/coredns:1.7.0',
    'cp1: load image k8s.gcr.io/kube-scheduler:v1.20.2',
    'w1: load image k8s.gcr.io/coredns:1.7.0',
  ])
  expect(await wanted()).not.toContain('w1: pull image k8s.gcr.io/coredns:1.7.0')
})
