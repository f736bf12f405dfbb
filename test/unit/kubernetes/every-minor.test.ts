import { describe, expect, it } from 'vitest'
import { known } from '../../../src/catalog.js'
import { clusterObjects } from '../../../src/kubernetes/config/cluster-objects.js'
import { kubeletConfiguration, kubeletFlags } from '../../../src/kubernetes/config/kubelet.js'
import { imagesNeeded } from '../../../src/kubernetes/images.js'
import { staticPods } from '../../../src/kubernetes/manifests/static-pods.js'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

describe.each(releases)('Kubernetes $minor', (release) => {
  const { minor, patch } = release
  const spec = clusterSpec({ version: patch, minor, runtime: 'containerd' })
  const host = hostSpec()
  const criSocket = `${release.kubelet.socketScheme}/run/containerd/containerd.sock`
  const objects = clusterObjects(spec, release)
  const texts = [
    ...[...staticPods(spec, host, release, { caDirectories: release.staticPods.caDirectories }).values()].map(
      renderYaml,
    ),
    kubeletConfiguration(spec, release, { criSocket }),
    kubeletFlags(spec, host, release, { id: 'containerd', criSocket }),
    ...[
      objects.kubeadmConfig,
      objects.kubeletConfig,
      objects.clusterInfo(''),
      ...objects.bootstrapRbac,
      ...objects.kubeProxy,
      ...objects.coreDns,
    ].map(renderYaml),
  ]

  it('is rendered whole, with nothing left out and no placeholder', () => {
    for (const text of texts) expect(text).not.toMatch(/undefined|Symbol|\{(pause|socket|domain)\}/)
  })

  it('tells the kubelet its CRI socket, once', () => {
    const [configuration, flags] = [texts[4] ?? '', texts[5] ?? '']
    const told = [`containerRuntimeEndpoint: ${criSocket}`, `--container-runtime-endpoint=${criSocket}`]
    expect([configuration.includes(told[0] ?? ''), flags.includes(told[1] ?? '')]).toEqual(
      release.kubelet.endpoint === 'config' ? [true, false] : [false, true],
    )
  })

  it('takes its images from one registry, and has a runtime', () => {
    const of = { own: release, addOns: release }
    const images = [...imagesNeeded('control-plane', spec, of), ...imagesNeeded('node', spec, of)]
    expect(images).toHaveLength(7)
    for (const image of images)
      expect(image).toMatch(/^(k8s\.gcr\.io|registry\.k8s\.io)\/[a-z/-]+:v?\d[\w.-]+$/)
    expect(known.runtimeProblem('containerd', minor)).toBeUndefined()
    expect(known.runtimeProblem('docker', minor)).toBeUndefined()
  })
})
