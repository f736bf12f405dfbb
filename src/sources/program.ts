import type { Doubt } from './doubt.js'

/**
 * A program of a host, by its digest, and where it comes from: the one contract of every source of programs. What holds
 * a host to it is the digest, which the operator has; the origin only has to deliver it.
 */
export interface Program {
  /** "kubelet" */
  name: string
  /** Of the hosts that the program is for; absent: whoever asks knows. */
  arch?: string
  /** Of the program as it is installed, lower-case hex SHA-256; undefined: not known to a command that fetches nothing. */
  sha256: string | undefined
  origin: Origin
}

export type Origin =
  /** A file on the operator's side, which is sent to the host. */
  | {
      kind: 'file'
      /** Absolute. */
      path: string
      /** It is gzip-compressed. */
      gzip: boolean
      /** Bytes that travel. */
      size: number
    }
  /** A URL of https, which the host itself fetches from. */
  | { kind: 'url'; url: string; way: Way; doubt?: Doubt }

/** How a host gets to a URL. */
export interface Way {
  /** PEM of certificate authorities that the server may have its certificate from, besides those the host knows. */
  ca: string | undefined
}

/** The programs of a run. */
export interface Programs {
  /** What provides them, for messages: "the bundle is for", "Kubernetes is released for". */
  from: string
  /** Architectures they are there for, as Go names them. */
  arches: readonly string[]
  /**
   * The program of this name for a host of this architecture that should run this version of Kubernetes. Throws
   * UserError where there is none.
   */
  program(name: string, arch: string, version: string): Program
}
