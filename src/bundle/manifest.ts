/**
 * A bundle: a directory with `bundle.json` and the files it names; hosts that have everything in it
 * download nothing. Digests are lower-case hex SHA-256.
 *
 * Format 2 names the architecture at each entry, so that one directory, pinned by one digest, serves a cluster of
 * several architectures. Format 1 has one architecture for all; it is read as if each entry named it.
 */
export interface BundleManifest {
  format: 2
  /** Kubernetes version the bundle is for, "1.20.2". */
  kubernetesVersion: string
  binaries: readonly BundleBinary[]
  images: readonly BundleImage[]
}

/** As Go names them. */
export const bundleArches = ['amd64', 'arm64'] as const

export type BundleArch = (typeof bundleArches)[number]

export interface BundleBinary {
  /** "kubelet", "kubectl", "kubeadm" … */
  name: string
  arch: BundleArch
  /** Path in the bundle, gzip-compressed: "bin/amd64/kubelet.gz". */
  file: string
  /** Digest and size of the file as it lies in the bundle. */
  fileSha256: string
  fileSize: number
  /** Digest and size of what is installed. */
  sha256: string
  size: number
}

export interface BundleImage {
  /** What manifests call it: "k8s.gcr.io/kube-apiserver:v1.20.2". */
  reference: string
  arch: BundleArch
  /** docker-archive (docker save), gzip-compressed: "images/amd64/kube-apiserver.tar.gz". */
  file: string
  fileSha256: string
  fileSize: number
  /** Image id: "sha256:" + digest of the image's config, what `docker image inspect -f {{.Id}}` prints. */
  id: string
  /** Which hosts need it. */
  needs: 'control-plane' | 'node' | 'verify'
}

/** The architectures that a bundle has something for. */
export function archesOf({ binaries, images }: BundleManifest): BundleArch[] {
  return bundleArches.filter((arch) => [...binaries, ...images].some((entry) => entry.arch === arch))
}
