/** A flag of etcd that went. */
export interface GoneEtcdFlag {
  /** The first minor of etcd that does not have it: it does not start with it. "3.7" */
  since: string
  /** What to set in its place, words of the inventory. Undefined: nothing does the same. */
  instead?: string
}

const without = (since: string, names: string): Record<string, GoneEtcdFlag> =>
  Object.fromEntries(words(names).map((name) => [name, { since }]))

/** Flags that lost their "experimental-". */
const grown = (since: string, names: string): Record<string, GoneEtcdFlag> =>
  Object.fromEntries(words(names).map((name) => [`experimental-${name}`, { since, instead: name }]))

const gate = (since: string, name: string): GoneEtcdFlag => ({
  since,
  instead: `feature-gates with ${name}=true`,
})

const words = (names: string): string[] => names.trim().split(/\s+/)

/**
 * Flags that a minor of etcd no longer has. They follow etcd's version, which an inventory may hold back, and so are of no
 * Kubernetes minor. 3.6 still takes the experimental flags of 3.5, and has what follows them.
 *
 * Sources: the difference between the flags that etcd registers (server/etcdmain/config.go, server/embed/config.go) in 3.4.27 and
 * 3.5.0, 3.5.33 and 3.6.0, 3.6.14 and 3.7.0, less those that patch releases of the later minor have; and what 3.6 says of its
 * deprecated flags (deprecatedFlags, experimentalFlagMigrationMap).
 */
export const goneEtcdFlags: Readonly<Record<string, GoneEtcdFlag>> = {
  debug: { since: '3.5', instead: 'log-level: debug' },
  'log-output': { since: '3.5', instead: 'log-outputs' },
  'log-package-levels': { since: '3.5' },
  'experimental-backend-bbolt-freelist-type': { since: '3.5', instead: 'backend-bbolt-freelist-type' },
  ...without(
    '3.6',
    `enable-v2 experimental-enable-v2v3 proxy proxy-dial-timeout proxy-failure-wait proxy-read-timeout
    proxy-refresh-interval proxy-write-timeout`,
  ),
  ...without('3.7', 'discovery discovery-proxy'),
  ...grown(
    '3.7',
    `bootstrap-defrag-threshold-megabytes compact-hash-check-time compaction-batch-limit compaction-sleep-interval
    corrupt-check-time distributed-tracing-address distributed-tracing-instance-id distributed-tracing-sampling-rate
    distributed-tracing-service-name downgrade-check-time enable-distributed-tracing memory-mlock
    peer-skip-client-san-verification snapshot-catchup-entries warning-apply-duration warning-unary-request-duration
    watch-progress-notify-interval`,
  ),
  'experimental-compact-hash-check-enabled': gate('3.7', 'CompactHashCheck'),
  'experimental-enable-lease-checkpoint': gate('3.7', 'LeaseCheckpoint'),
  'experimental-enable-lease-checkpoint-persist': gate('3.7', 'LeaseCheckpointPersist'),
  'experimental-initial-corrupt-check': gate('3.7', 'InitialCorruptCheck'),
  'experimental-stop-grpc-service-on-defrag': gate('3.7', 'StopGRPCServiceOnDefrag'),
  'experimental-txn-mode-write-with-shared-buffer': gate('3.7', 'TxnModeWriteWithSharedBuffer'),
}
