import { expect, it } from 'vitest'
import { baseUrl } from '../../../src/lib/grammar/url.js'
import { kubernetesProgram, projectRelease, sites } from '../../../src/sources/urls.js'

it('the public sites are of the form that mirrors have', () => {
  for (const url of Object.values(sites)) {
    expect(baseUrl.accepts(url), url).toBe(true)
    expect(url).not.toMatch(/\/$/)
  }
})

it('a program of Kubernetes lies where kubernetes.io/releases/download says', () => {
  expect(kubernetesProgram(sites, '1.30.1', 'arm64', 'kubectl')).toMatchObject({
    what: 'kubectl 1.30.1 for arm64',
    url: 'https://dl.k8s.io/release/v1.30.1/bin/linux/arm64/kubectl',
    digest: { url: 'https://dl.k8s.io/release/v1.30.1/bin/linux/arm64/kubectl.sha256' },
  })
})

it.each([
  ['https://mirror.example.com', true],
  ['https://mirror.example.com:8443/k8s/', true],
  ['https://10.0.0.1/dl.k8s.io', true],
  ['https://[fd00::1]:8443', true],
  ['http://mirror.example.com', false],
  ['https://me:secret@mirror.example.com', false],
  ['https://mirror.example.com/?x=1', false],
  ['https://mirror.example.com/a/../b', false],
  ['https://mirror.example.com/a b', false],
  ['https://mirror.example.com:99999', false],
  ['https://-mirror/x', false],
  ['https://mirror.example.com/$(reboot)', false],
  ['mirror.example.com', false],
])('%s as the base of a mirror: %s', (url, accepted) => {
  expect(baseUrl.accepts(url)).toBe(accepted)
})

const github = 'https://github.com'
it.each([
  [
    'containerd',
    '2.2.3',
    `${github}/containerd/containerd/releases/download/v2.2.3/containerd-2.2.3-linux-arm64.tar.gz`,
    `${github}/containerd/containerd/releases/download/v2.2.3/containerd-2.2.3-linux-arm64.tar.gz.sha256sum`,
  ],
  [
    'runc',
    '1.3.3',
    `${github}/opencontainers/runc/releases/download/v1.3.3/runc.arm64`,
    `${github}/opencontainers/runc/releases/download/v1.3.3/runc.sha256sum`,
  ],
  [
    'cniPlugins',
    '1.9.1',
    `${github}/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-arm64-v1.9.1.tgz`,
    `${github}/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-arm64-v1.9.1.tgz.sha256`,
  ],
  [
    'etcd',
    '3.5.24',
    `${github}/etcd-io/etcd/releases/download/v3.5.24/etcd-v3.5.24-linux-arm64.tar.gz`,
    `${github}/etcd-io/etcd/releases/download/v3.5.24/SHA256SUMS`,
  ],
] as const)('a release of %s lies where its project publishes it', (project, version, url, digest) => {
  const asset = projectRelease(sites, project, version, 'arm64')
  expect([asset.url, asset.digest.url]).toEqual([url, digest])
  expect(url.endsWith(`/${asset.file}`)).toBe(true)
})
