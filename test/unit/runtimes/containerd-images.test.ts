import { expect, test } from 'vitest'
import { imagesOf } from '../../../src/runtimes/containerd/images.js'

// `ctr -n k8s.io images ls` of containerd 1.6.20 on a lab machine, shortened
const output = `REF                                        TYPE                                                 DIGEST                 SIZE     PLATFORMS   LABELS
docker.io/library/kubestrap-verify:1       application/vnd.docker.distribution.manifest.v2+json sha256:target-verify   1.8 MiB  linux/amd64 io.cri-containerd.image=managed
k8s.gcr.io/pause:3.2                       application/vnd.docker.distribution.manifest.v2+json sha256:target-pause    716 KiB  linux/amd64 io.cri-containerd.image=managed
k8s.gcr.io/etcd:3.4.23-0                   application/vnd.docker.distribution.manifest.v2+json sha256:target-etcd     50.1 MiB linux/amd64 -
sha256:id-verify                           application/vnd.docker.distribution.manifest.v2+json sha256:target-verify   1.8 MiB  linux/amd64 io.cri-containerd.image=managed
sha256:id-pause                            application/vnd.docker.distribution.manifest.v2+json sha256:target-pause    716 KiB  linux/amd64 io.cri-containerd.image=managed
`

test('an image is what the CRI plug-in knows by its id; one it has not named yet is not there', () => {
  expect(imagesOf(output)).toEqual([
    { reference: 'docker.io/library/kubestrap-verify:1', id: 'sha256:id-verify' },
    { reference: 'k8s.gcr.io/pause:3.2', id: 'sha256:id-pause' },
  ])
  expect(imagesOf('REF TYPE DIGEST SIZE PLATFORMS LABELS\n')).toEqual([])
})

// `ctr -n k8s.io images ls` of containerd 2.1.9 after `images label`
const labelled = `REF                              TYPE                                                 DIGEST               SIZE     PLATFORMS   LABELS
registry.k8s.io/etcd:3.6.8-0     application/vnd.docker.distribution.manifest.v2+json sha256:target-etcd   50.1 MiB linux/amd64 io.cri-containerd.image=managed,io.cri-containerd.pinned=pinned,io.kubestrap.pinned=pinned
registry.k8s.io/pause:3.10.2     application/vnd.docker.distribution.manifest.v2+json sha256:target-pause  716 KiB  linux/amd64 io.cri-containerd.image=managed,io.cri-containerd.pinned=pinned
sha256:id-etcd                   application/vnd.docker.distribution.manifest.v2+json sha256:target-etcd   50.1 MiB linux/amd64 io.cri-containerd.image=managed
sha256:id-pause                  application/vnd.docker.distribution.manifest.v2+json sha256:target-pause  716 KiB  linux/amd64 io.cri-containerd.image=managed
`

test('a pin is known by its label, and one of kubestrap’s by another beside it', () => {
  expect(imagesOf(labelled)).toEqual([
    { reference: 'registry.k8s.io/etcd:3.6.8-0', id: 'sha256:id-etcd', pinned: 'by kubestrap' },
    { reference: 'registry.k8s.io/pause:3.10.2', id: 'sha256:id-pause', pinned: 'by others' },
  ])
})
