/**
 * A bundle: a directory with `bundle.json` and the files it names; hosts that have everything in it
 * download nothing. Digests are lower-case hex SHA-256.
 *
 * Format 2 names the architecture at each entry, so that one directory, pinned by one digest, serves a cluster of
 * several architectures. Format 1 has one architecture for all; it is read as if each entry named it. Format 3 has packages
 * of the distribution besides.
 */
export interface BundleManifest {
  format: 2 | 3
  /** Kubernetes version the bundle is for, "1.20.2". */
  kubernetesVersion: string
  binaries: readonly BundleBinary[]
  images: readonly BundleImage[]
  /** Packages of the distribution, by system; absent: hosts install those of their own repositories. */
  packages?: readonly SystemPackages[]
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

/** What hosts of one system install packages from: all that was asked for, with every dependency. */
export interface SystemPackages {
  /** ID and VERSION_ID of os-release(5): "debian", "12". */
  os: string
  version: string
  arch: BundleArch
  /** The package manager's format. */
  format: 'deb'
  packages: readonly BundlePackage[]
}

export interface BundlePackage {
  name: string
  version: string
  /** As the package manager names it: "amd64", "all". */
  arch: string
  /** The package as it was downloaded: "packages/debian-12-amd64/socat_1.7.4.4-2_amd64.deb". */
  file: string
  fileSha256: string
  fileSize: number
  /** Fields of its control data that decide what is installed with it: "Depends". */
  control: Readonly<Record<string, string>>
}

/** Everything in a bundle that has a file. */
export const filesOf = ({
  binaries,
  images,
  packages = [],
}: BundleManifest): (BundleBinary | BundleImage | BundlePackage)[] => [
  ...binaries,
  ...images,
  ...packages.flatMap((system) => system.packages),
]

/** The architectures that a bundle has something for. */
export function archesOf({ binaries, images }: BundleManifest): BundleArch[] {
  return bundleArches.filter((arch) => [...binaries, ...images].some((entry) => entry.arch === arch))
}
