/**
 * Where releases lie on the Internet, and the layout of each site: the only file with such URLs. A mirror replaces a
 * base and has what lies below it at the same paths.
 */
export const sites = {
  /** kubernetes.io/releases/download, "Binaries". */
  kubernetes: 'https://dl.k8s.io',
  /** Releases of containerd, runc, the CNI plug-ins and etcd. */
  github: 'https://github.com',
  /** kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm, "Installing kubeadm, kubelet and kubectl". */
  packages: 'https://pkgs.k8s.io',
} as const

export type Site = keyof typeof sites

/** The base of each site: the public one, or the inventory's mirror. */
export type Bases = Readonly<Record<Site, string>>

/** A file of a release, and where its digest is published. */
export interface Asset {
  /** What it is, for messages: "kubelet 1.30.1 for amd64". */
  what: string
  site: Site
  url: string
  /** The file's name in a list of digests. */
  file: string
  digest: { url: string; maxBytes: number }
}

/** Largest file that has one digest: 64 digits, and perhaps a name. */
const oneDigest = 1024

/** Largest list of digests of a release. */
const listOfDigests = 64 * 1024

/** Architectures that Kubernetes is released for (its server binaries, all minors that kubestrap knows), as Go names them. */
export const kubernetesArches: readonly string[] = ['amd64', 'arm64', 'ppc64le', 's390x']

/** A program of Kubernetes: the site has it without any archive, and beside it NAME.sha256 with the digest alone. */
export function kubernetesProgram(bases: Bases, version: string, arch: string, name: string): Asset {
  const url = `${bases.kubernetes}/release/v${version}/bin/linux/${arch}/${name}`
  return {
    what: `${name} ${version} for ${arch}`,
    site: 'kubernetes',
    url,
    file: name,
    digest: { url: `${url}.sha256`, maxBytes: oneDigest },
  }
}

/** Where the site says which patch release of a minor is the newest: "v1.36.3". As kubeadm asks for "stable-1.36" (cmd/kubeadm/app/util/version.go). */
export const newestOfMinor = (bases: Bases, minor: string): { url: string; maxBytes: number } => ({
  url: `${bases.kubernetes}/release/stable-${minor}.txt`,
  maxBytes: 64,
})

/** The repository of packages of a minor, and the key that signs it: one for each minor and package format. */
export function kubernetesRepository(
  bases: Bases,
  minor: string,
  format: 'deb' | 'rpm',
): { url: string; key: string } {
  const url = `${bases.packages}/core:/stable:/v${minor}/${format}`
  return { url, key: `${url}/${format === 'deb' ? 'Release.key' : 'repodata/repomd.xml.key'}` }
}

/** What is released on GitHub besides Kubernetes. */
export type Project = 'containerd' | 'runc' | 'cniPlugins' | 'etcd'

/** By project: repository, file of a release, and what publishes its digest. Their README says the same of each. */
const projects: Readonly<
  Record<
    Project,
    {
      repository: string
      file(version: string, arch: string): string
      digest(file: string): { name: string; maxBytes: number }
    }
  >
> = {
  containerd: {
    repository: 'containerd/containerd',
    file: (version, arch) => `containerd-${version}-linux-${arch}.tar.gz`,
    digest: (file) => ({ name: `${file}.sha256sum`, maxBytes: oneDigest }),
  },
  runc: {
    repository: 'opencontainers/runc',
    file: (_, arch) => `runc.${arch}`,
    digest: () => ({ name: 'runc.sha256sum', maxBytes: listOfDigests }),
  },
  cniPlugins: {
    repository: 'containernetworking/plugins',
    file: (version, arch) => `cni-plugins-linux-${arch}-v${version}.tgz`,
    digest: (file) => ({ name: `${file}.sha256`, maxBytes: oneDigest }),
  },
  etcd: {
    repository: 'etcd-io/etcd',
    file: (version, arch) => `etcd-v${version}-linux-${arch}.tar.gz`,
    digest: () => ({ name: 'SHA256SUMS', maxBytes: listOfDigests }),
  },
}

/** The file of a release on GitHub for an architecture. */
export function projectRelease(bases: Bases, project: Project, version: string, arch: string): Asset {
  const { repository, file, digest } = projects[project]
  const release = `${bases.github}/${repository}/releases/download/v${version}`
  const name = file(version, arch)
  const published = digest(name)
  return {
    what: `${project === 'cniPlugins' ? 'the CNI plug-ins' : project} ${version} for ${arch}`,
    site: 'github',
    url: `${release}/${name}`,
    file: name,
    digest: { url: `${release}/${published.name}`, maxBytes: published.maxBytes },
  }
}

/**
 * The archive of a release with kubernetes/test/bin/e2e.test and ginkgo, for a computer that runs them.
 * @param arch as Go names it
 */
export function kubernetesTests(bases: Bases, version: string, arch: string): string {
  return `${bases.kubernetes}/release/v${version}/kubernetes-test-linux-${arch}.tar.gz`
}
