import { isControlPlane } from '../../cluster/machine.js'
import { clusterTarget } from '../../engine/step.js'
import type { Problem } from '../../preflight/check.js'
import { couldNotLook, type UpgradeCheck } from './check.js'

const dayMs = 86_400_000
/** A rollout with soak times and pauses may take days; an authority that ends meanwhile ends the cluster. */
const leastDays = 7

/** Whether the cluster is well enough to be interrupted. Of the first hop: each later one begins where one was verified. */
export const healthChecks: readonly UpgradeCheck[] = [
  {
    name: 'NodesReady',
    about: 'Every node is Ready, and none is cordoned by somebody else.',
    run: ({ looks: { nodes }, first }) => {
      if (!first) return []
      if ('couldNot' in nodes) return [couldNotLook(clusterTarget, nodes.couldNot)]
      return nodes.found.flatMap(({ name, ready, message, cordoned }): Problem[] => [
        ...(ready
          ? []
          : [
              {
                host: name,
                severity: 'error' as const,
                what: `the node is not Ready: ${message || 'no status from its kubelet'}`,
                next: 'fix its kubelet or runtime, or remove the node, before the upgrade takes others away',
              },
            ]),
        ...(cordoned
          ? [
              {
                host: name,
                severity: 'warning' as const,
                what: 'the node is cordoned: Pods of other nodes that are drained cannot go there',
                next: `kubestrap uncordon ${name}, where that is meant no longer`,
              },
            ]
          : []),
      ])
    },
  },
  {
    name: 'EtcdHealthy',
    about: 'Every etcd member answers, votes, and has no alarm.',
    run: ({ looks: { etcd }, first }) => {
      if (!first) return []
      if ('couldNot' in etcd) return [couldNotLook(clusterTarget, etcd.couldNot)]
      return etcd.found.flatMap(({ name, state, votes, detail }): Problem[] => {
        const what =
          state === 'does not answer'
            ? `etcd member ${name} does not answer${detail ? `: ${detail}` : ''}`
            : !votes
              ? `etcd member ${name} is a learner`
              : detail
                ? `etcd member ${name} has an alarm: ${detail}`
                : undefined
        return what === undefined
          ? []
          : [
              {
                host: name,
                severity: 'error',
                what,
                next: 'fix the member (kubestrap status), and run again',
              },
            ]
      })
    },
  },
  {
    name: 'CertificatesValid',
    about: `No certificate that up does not renew ends within ${leastDays} days, and none has ended.`,
    run: ({ looks: { certificates }, first, context }) => {
      if (!first) return []
      if ('couldNot' in certificates) return [couldNotLook(clusterTarget, certificates.couldNot)]
      const now = context.now().getTime()
      return certificates.found.flatMap(({ host, name, expires, state, renewedBy }): Problem[] => {
        if (state === 'unreadable')
          return [
            {
              host,
              severity: 'error',
              what: `${name} is not a certificate`,
              next: 'restore it, or run kubestrap up',
            },
          ]
        const days = expires === undefined ? 0 : Math.floor((expires.getTime() - now) / dayMs)
        if (days >= leastDays || (renewedBy === 'up' && state !== 'expired')) return []
        const ended = state === 'expired'
        return [
          {
            host,
            severity: ended ? 'error' : 'warning',
            what: `${name} ${ended ? 'has expired' : `expires in ${days} days`}`,
            next: {
              up: 'run kubestrap up with the version that runs, which renews it, and upgrade then',
              kubelet: `look why its kubelet does not renew it (journalctl -u kubelet); kubestrap up joins ${host} again`,
              nobody: 'kubestrap does not replace certificate authorities: replace it before the upgrade',
            }[renewedBy],
          },
        ]
      })
    },
  },
  {
    name: 'EtcdCopySpace',
    about: 'Control plane nodes have room for a snapshot and a copy of the data of etcd.',
    run: ({ looks: { etcd }, context, first }) => {
      if (!first || 'couldNot' in etcd || context.spec.etcd.external) return []
      const largest = Math.max(0, ...etcd.found.map(({ size }) => size)) / 1_048_576
      // a snapshot and a copy, as kubeadm makes one
      const needed = Math.ceil(2 * largest)
      return context.machines.filter(isControlPlane).flatMap(({ spec, facts }): Problem[] =>
        facts.diskFreeMiB >= needed
          ? []
          : [
              {
                host: spec.name,
                severity: 'error',
                what: `${facts.diskFreeMiB} MiB free under /var/lib, ${needed} required for a snapshot and a copy of etcd's data`,
                next: 'free disk space, or compact and defragment etcd',
              },
            ],
      )
    },
  },
]
