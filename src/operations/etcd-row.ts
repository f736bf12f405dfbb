/** A member of etcd, for people. */
export interface EtcdRow {
  /** The member's name, or its peer URL while it has not started. */
  name: string
  endpoint: string
  state: 'leader' | 'follower' | 'learner' | 'does not answer'
  /** It counts for the quorum. */
  votes: boolean
  version: string
  /** Bytes. */
  size: number
  /** Alarms, or why it does not answer. */
  detail: string
}
