/**
 * A bundle: a directory with `bundle.json` and the files it names; hosts that have everything in it
 * download nothing. Digests are lower-case hex SHA-256.
 */
export interface BundleManifest {
  /** Format of this file; 1 is the first. */
  format: 1
  /** Kubernetes version the bundle is for, "1.20.2". */
  kubernetesVersion: string
  arch: 'amd64' | 'arm64'
  binaries: readonly BundleBinary[]
  images: readonly BundleImage[]
}

export interface BundleBinary {
  /** "kubelet", "kubectl", "kubeadm" … */
  name: string
  /** Path in the bundle, gzip-compressed: "bin/kubelet.gz". */
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
  /** docker-archive (docker save), gzip-compressed: "images/kube-apiserver.tar.gz". */
  file: string
  fileSha256: string
  fileSize: number
  /** Image id: "sha256:" + digest of the image's config, what `docker image inspect -f {{.Id}}` prints. */
  id: string
  /** Which hosts need it. */
  needs: 'control-plane' | 'node' | 'verify'
}
