/** What a look at a machine found. Words of the machine: none is shown or written before it is checked. */
export interface Sight {
  hostname: string
  /** PRETTY_NAME of os-release: "Debian GNU/Linux 12 (bookworm)". */
  system: string
  /** Why that system cannot be a host of a cluster as it is, and what to do; undefined where it can. */
  unfit: { what: string; next: string } | undefined
  /** The version of control groups that it has mounted. */
  cgroup: 'v1' | 'v2'
  /** As Go names it: "amd64". */
  arch: string
  /** Addresses of interfaces that are not virtual, without prefix. */
  addresses: readonly string[]
  /** The source address of its default route; '' without one. */
  defaultAddress: string
  /** What it already belongs to, in words: "a Kubernetes cluster (https://10.0.0.11:6443)". */
  cluster: string | undefined
  /** How the login user becomes root. */
  root: 'login' | 'sudo' | 'sudo-asks' | { refused: string }
}

/** How a look ended. */
export type Look =
  | { kind: 'seen'; sight: Sight; dialled: string | undefined }
  /** It was not wanted, or it failed and the reader was told why. */
  | { kind: 'unseen'; tried: boolean; dialled: string | undefined }

/** What is known of a machine; undefined when nothing is. */
export const sightOf = (look: Look): Sight | undefined => (look.kind === 'seen' ? look.sight : undefined)
