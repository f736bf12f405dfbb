import { expect, it } from 'vitest'
import { parseReference } from '../../../../src/bundle/registry/reference.js'

it.each([
  ['registry.k8s.io/coredns/coredns:v1.14.2', 'registry.k8s.io', 'coredns/coredns', 'v1.14.2'],
  ['docker.io/library/busybox:1.36.1', 'docker.io', 'library/busybox', '1.36.1'],
  ['docker.io/busybox:1.36.1', 'docker.io', 'library/busybox', '1.36.1'],
  ['busybox', 'docker.io', 'library/busybox', 'latest'],
  ['me/tool:2', 'docker.io', 'me/tool', '2'],
  ['localhost/tool:2', 'localhost', 'tool', '2'],
  ['10.0.0.1:5000/k8s/pause:3.10', '10.0.0.1:5000', 'k8s/pause', '3.10'],
  ['registry.test:5000/pause', 'registry.test:5000', 'pause', 'latest'],
])('%s is of %s', (reference, registry, repository, tag) => {
  expect(parseReference(reference)).toEqual({ registry, repository, tag })
})

it('an image that is named by digest cannot be in an archive, which is told', () => {
  expect(() => parseReference(`r.test/x@sha256:${'a'.repeat(64)}`)).toThrow('cannot be in a bundle')
})
