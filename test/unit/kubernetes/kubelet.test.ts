import { CORE_SCHEMA, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import {
  kubeletConfigMap,
  kubeletConfiguration,
  kubeletDropIn,
  kubeletFlags,
} from '../../../src/kubernetes/config/kubelet.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const release = releaseFor('1.20.2')
const docker = { id: 'docker', criSocket: '/var/run/dockershim.sock' }

describe('Kubelet configuration', () => {
  it('the inventory wins over what the node and the release say, deep inside too', () => {
    const config = { authentication: { anonymous: { enabled: true } }, cgroupDriver: 'systemd', maxPods: 20 }
    const spec = clusterSpec({ kubelet: { config, extraArgs: {} } })
    const text = kubeletConfiguration(spec, release, {
      cgroupDriver: 'cgroupfs',
      resolvConf: '/run/resolv.conf',
    })
    expect(load(text, { schema: CORE_SCHEMA })).toMatchObject({
      authentication: { anonymous: { enabled: true }, webhook: { enabled: true } },
      cgroupDriver: 'systemd',
      maxPods: 20,
      resolvConf: '/run/resolv.conf',
    })
  })

  it('certificates are always rotated', () => {
    const spec = clusterSpec({ kubelet: { config: { rotateCertificates: false }, extraArgs: {} } })
    expect(kubeletConfiguration(spec, release, {})).toContain('rotateCertificates: true\n')
  })

  it("kubeadm may write its own configuration anew, but not the user's", () => {
    const own = clusterSpec({ kubelet: { config: { maxPods: 20 }, extraArgs: {} } })
    expect(kubeletConfigMap(clusterSpec(), release, {}).metadata.annotations).toBeDefined()
    expect(kubeletConfigMap(own, release, {}).metadata.annotations).toBeUndefined()
  })
})

describe("The kubelets' ConfigMap", () => {
  it('tells joining nodes the cgroup driver and resolv.conf, and no CRI socket, which is each node its own', () => {
    const node = { cgroupDriver: 'systemd', resolvConf: '/run/resolv.conf' } as const
    const { data } = kubeletConfigMap(clusterSpec(), release, node)
    expect(data).toEqual({ kubelet: kubeletConfiguration(clusterSpec(), release, node) })
    expect(JSON.stringify(data)).toContain('cgroupDriver: systemd')
    expect(JSON.stringify(data)).not.toContain('containerRuntimeEndpoint')
  })
})

describe('Kubelet flags', () => {
  const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const

  it.each([
    {
      title: 'a runtime without flags of its own is told as a remote one',
      runtime: { id: 'containerd', criSocket: '/run/containerd/containerd.sock' },
      flags:
        '--container-runtime=remote --container-runtime-endpoint=/run/containerd/containerd.sock --node-ip=10.88.0.15 --v=2',
      host: {},
    },
    {
      title: 'taints of a worker are registered with the node',
      runtime: docker,
      host: { roles: ['worker'], taints: [taint, { ...taint, key: 'slow', value: '' }] },
      flags:
        '--network-plugin=cni --node-ip=10.88.0.15 --pod-infra-container-image=k8s.gcr.io/pause:3.2 --register-with-taints=gpu=yes:NoSchedule,slow:NoSchedule --v=2',
    },
    {
      title: 'those of a control plane are not',
      runtime: docker,
      host: { taints: [taint] },
      flags:
        '--network-plugin=cni --node-ip=10.88.0.15 --pod-infra-container-image=k8s.gcr.io/pause:3.2 --v=2',
    },
    {
      title: "a host's flags win over the cluster's, and quotes survive systemd",
      runtime: docker,
      host: { kubeletExtraArgs: { v: '4', 'network-plugin': '"x' } },
      flags:
        '--network-plugin=\\"x --node-ip=10.88.0.15 --pod-infra-container-image=k8s.gcr.io/pause:3.2 --v=4',
    },
  ] as const)('$title', ({ runtime, host, flags }) => {
    const spec = clusterSpec({ kubelet: { config: {}, extraArgs: { v: '2' } } })
    const line = kubeletFlags(spec, hostSpec(host), release, runtime)
    expect(line).toBe(`KUBELET_KUBEADM_ARGS="${flags}"\n`)
  })
})

describe('Kubelet drop-in', () => {
  it("lets the administrator's flags come last", () => {
    const text = kubeletDropIn('/etc/sysconfig/kubelet')
    expect(text).toContain('EnvironmentFile=-/etc/sysconfig/kubelet\n')
    expect(text.trimEnd()).toMatch(/\$KUBELET_KUBEADM_ARGS \$KUBELET_EXTRA_ARGS$/)
  })

  it('keep an address that the inventory gives the kubelet', () => {
    const host = hostSpec({ kubeletExtraArgs: { 'node-ip': '10.99.0.1' } })
    expect(kubeletFlags(clusterSpec(), host, release, docker)).toContain('--node-ip=10.99.0.1 ')
  })
})
