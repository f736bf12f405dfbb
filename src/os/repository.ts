/** A repository of packages that the operator names, with the key that signs it. */
export interface RepositoryWish {
  /** Lower-case letters, digits and dashes. */
  name: string
  url: string
  /** For apt alone; a suite that ends in a slash is a directory and has no components. */
  suite: string
  components: readonly string[]
  /** Whether its lists are signed too; apt knows no other. */
  signedLists: boolean
  /** PEM of the certificate authorities of its server, besides the system's; only for https. */
  ca?: string
}

export interface RepositoryFile {
  path: string
  content: string
}

/** Where a repository's key and its definition lie. */
export interface RepositoryFiles {
  /** How the package manager calls it. */
  id: string
  /** The armored public key. */
  key: string
  definition: RepositoryFile
  /** What the definition refers to besides the key: written before it. */
  besides: readonly RepositoryFile[]
  /** Where the authorities of its server and those of the host are put together: who is told the one forgets the others. */
  authorities?: { own: string; all: string }
}

/** What files of ours and repositories are called by. */
export const repositoryId = ({ name }: RepositoryWish): string => `kubestrap-${name}`
