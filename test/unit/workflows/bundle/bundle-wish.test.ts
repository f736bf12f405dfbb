import { describe, expect, it } from 'vitest'
import { bundleWish } from '../../../../src/workflows/bundle/bundle-wish.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const spec = (over: Parameters<typeof clusterSpec>[0] = {}) =>
  clusterSpec({
    version: '1.36.3',
    minor: '1.36',
    runtime: 'containerd',
    network: 'flannel',
    dns: { enabled: true, imageTag: undefined },
    hosts: [hostSpec({ name: 'cp1', roles: ['control-plane'] })],
    ...over,
  })
const lines = (of: ReturnType<typeof spec>): string[] =>
  bundleWish(of).images.map(({ reference, needs }) => `${needs} ${reference.replace(/:[^:/]*$/, '')}`)

describe('what a bundle has', () => {
  it('are the images of every role, also where the inventory has no worker yet', () => {
    expect(lines(spec()).sort()).toEqual([
      'control-plane registry.k8s.io/etcd',
      'control-plane registry.k8s.io/kube-apiserver',
      'control-plane registry.k8s.io/kube-controller-manager',
      'control-plane registry.k8s.io/kube-scheduler',
      'node ghcr.io/flannel-io/flannel',
      'node ghcr.io/flannel-io/flannel-cni-plugin',
      // its Pods run on workers too
      'node registry.k8s.io/coredns/coredns',
      'node registry.k8s.io/kube-proxy',
      'node registry.k8s.io/pause',
      'verify verify',
    ])
  })

  it('is no etcd where that is elsewhere, and the image of a load balancer where that is a Pod', () => {
    const external = { endpoints: ['https://etcd:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' }
    const { etcd } = spec()
    const all = lines(
      spec({
        etcd: { ...etcd, external },
        loadBalancer: {
          type: 'kube-vip',
          virtualIp: '192.0.2.10',
          interface: undefined,
          routerId: 10,
          image: undefined,
        },
      }),
    )
    expect(all.filter((line) => line.includes('etcd'))).toEqual([])
    expect(all).toContain('control-plane ghcr.io/kube-vip/kube-vip')
  })

  it('is the local cri-dockerd where the runtime requires it, and is refused where there is none', () => {
    const docker = spec({ runtime: 'docker', runtimePrograms: { 'cri-dockerd': '/x/cri-dockerd' } })
    expect(bundleWish(docker).files).toMatchObject([{ name: 'cri-dockerd', path: '/x/cri-dockerd' }])
    expect(() => bundleWish(spec({ runtime: 'docker' }))).toThrow('bundle create cannot add cri-dockerd yet')
  })

  it('is the etcd of separate hosts, where that comes from the bundle', () => {
    const { etcd } = spec()
    const hosts = [
      hostSpec({ name: 'cp1', roles: ['control-plane'] }),
      hostSpec({ name: 'e1', roles: ['etcd'] }),
    ]
    expect(bundleWish(spec({ hosts })).etcd).toBeUndefined()
    const bundled = { ...etcd, install: { from: 'bundle' as const } }
    expect(bundleWish(spec({ etcd: bundled })).etcd).toBeUndefined()
    expect(bundleWish(spec({ etcd: bundled, hosts })).etcd).toMatch(/^3\.6\.\d+$/)
  })
})
