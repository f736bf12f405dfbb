/** Where a secret is to be had; the secret itself never stands in the inventory. */
export type SecretSource =
  | { kind: 'env'; name: string }
  /** Absolute path. */
  | { kind: 'file'; path: string }
  /** For /bin/sh -c; what it prints is the secret. */
  | { kind: 'command'; command: string }
  /** Asked on the terminal, once for the place that asks for it. */
  | { kind: 'prompt' }

/** A secret an inventory refers to; it is resolved when it is needed. */
export interface SecretReference {
  source: SecretSource
  /** The key it is the value of: "ssh.password". */
  key: string
  /** Where it stands: "inventory.yaml:4:3". Two places are two secrets, also where both say prompt. */
  at: string
}

/** One machine to log in to, a host or a bastion on the way: the inventory over the SSH configuration over defaults. */
export interface SshSpec {
  user: string
  port: number
  /** Name or address to dial. */
  host: string
  /** Absolute paths of private keys to try, in order; of those the agent holds, a public key will do. */
  keys: readonly string[]
  /** Whether somebody named them; the usual ones need not be there. */
  keysNamed: boolean
  /** Whether the agent's other keys stay in the agent. */
  identitiesOnly: boolean
  /** The agent's socket; false for none; undefined: the environment's (SSH_AUTH_SOCK). */
  agent: string | false | undefined
  /** Of keys that are encrypted; undefined: asked for on the terminal. */
  passphrase: SecretReference | undefined
  password: SecretReference | undefined
  /** Undefined: sudo must need none. */
  sudoPassword: SecretReference | undefined
  /** Absolute paths of known_hosts files; new keys go to the first. */
  knownHosts: readonly string[]
  hostKeys: 'strict' | 'accept-new'
  /** "SHA256:…" of the only key that counts, without padding. */
  hostKey: string | undefined
  /** How the host stands in known_hosts, when not by what is dialled. */
  hostKeyAlias: string | undefined
  /** A command whose input and output are the connection (ProxyCommand). */
  proxyCommand: string | undefined
  /** Of a bastion: the name that ssh.bastions has its secrets by, as the way to the host names it. */
  bastion?: string
  /** The bastion right before it. */
  via: SshSpec | undefined
  /** It neither fetches files from other hosts nor gives them on. */
  peerTransfer?: false
  /** What the SSH configuration says that is not heeded. */
  notes: readonly string[]
}

/** A host of the inventory as far as reaching it goes. */
export interface ReachedHost {
  name: string
  /** Of the network of the hosts. */
  address: string
  /** Where it stands in the inventory. */
  at: string
  connection: 'ssh' | 'local'
  ssh: SshSpec
}
