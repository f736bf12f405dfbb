import { expect, it } from 'vitest'
import { baseUrl } from '../../../src/lib/grammar/url.js'
import { kubernetesProgram, sites } from '../../../src/sources/urls.js'

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
