import type { Late } from '../../engine/late.js'
import type { EtcdKeyring } from '../pki/etcd-keyring.js'
import type { EtcdHostsSeen } from './look-at-hosts.js'

/** A program to install that lies here, gzip-compressed. */
export interface Program {
  name: string
  source: string
  /** Digest of what is installed, lower-case hex. */
  sha256: string
  /** Bytes that will travel. */
  size: number
}

/** A cluster's hosts with the role etcd. */
export interface EtcdHosts extends EtcdHostsSeen {
  /** etcd's authority: found on one of them, or made in this run. */
  authority: Late<EtcdKeyring>
  /** etcd and etcdctl; [] where a package brings them, or nothing is installed. */
  programs: readonly Program[]
}
