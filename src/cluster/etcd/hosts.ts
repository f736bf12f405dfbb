import type { Late } from '../../engine/late.js'
import type { Program } from '../../sources/program.js'
import type { EtcdKeyring } from '../pki/etcd-keyring.js'
import type { EtcdHostsSeen } from './look-at-hosts.js'

/** A cluster's hosts with the role etcd. */
export interface EtcdHosts extends EtcdHostsSeen {
  /** etcd's authority: found on one of them, or made in this run. */
  authority: Late<EtcdKeyring>
  /** etcd and etcdctl; [] where a package brings them, or nothing is installed. */
  programs: readonly Program[]
}
