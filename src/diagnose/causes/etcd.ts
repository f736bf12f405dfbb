import type { Cause } from '../cause.js'

/** What helps where a member's data is of no use: the other members have it. */
const replaceMember =
  'Where other members are healthy: `kubestrap reset HOST`, then `kubestrap up`. The member is removed and joins again with empty data.'

/** Where there is an etcdctl: kubestrap installs it on hosts with the role etcd only. */
const whereEtcdctl =
  'etcdctl is on hosts with the role etcd (in a login shell of root), and in the Pods of etcd: `kubectl -n kube-system exec etcd-HOST -- etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt --key=/etc/kubernetes/pki/etcd/healthcheck-client.key ARGUMENTS`.'

/** 05: etcd and its members. */
export const etcdCauses: readonly Cause[] = [
  {
    id: 'etcd-full',
    code: 'KS0501',
    patterns: [/mvcc: database space exceeded/, /alarm raised.*NOSPACE|\balarm:NOSPACE/],
    cause: 'the database of etcd has reached its size limit, and etcd refuses writes',
    next: 'etcdctl compact once, etcdctl defrag on each member, then etcdctl alarm disarm; for a larger limit set quota-backend-bytes in etcd.extraArgs',
    title: 'The database of etcd is full',
    what: 'etcd has raised the alarm NOSPACE and refuses every write; the health check of etcd fails, so the kubelet may restart etcd.',
    why: 'The database has grown to quota-backend-bytes (2 GiB by default): many or large objects, many events, or a long time without defragmentation.',
    fix: [
      'Delete the objects that fill the database where that is possible.',
      whereEtcdctl,
      'Once: `etcdctl compact REVISION`, with the revision of `etcdctl endpoint status -w json`. Then on each member, one after the other: `etcdctl defrag`.',
      'Then `etcdctl alarm disarm`.',
      'For a larger limit set `etcd: { extraArgs: { quota-backend-bytes: "8589934592" } }` in the inventory, and run `kubestrap up`.',
    ],
  },
  {
    id: 'etcd-data-lost',
    code: 'KS0502',
    patterns: [/tocommit\(\d+\) is out of range \[lastIndex\(\d+\)\]/],
    cause:
      'this etcd member has lost data that the member had confirmed: a disk that lost writes, or an older copy of the data',
    next: 'replace the member where the other members are healthy: kubestrap reset HOST, then kubestrap up; else restore a snapshot',
    title: 'An etcd member has lost data',
    what: 'etcd panics at the start: "tocommit(N) is out of range [lastIndex(M)]. Was the raft log corrupted, truncated, or lost?"',
    why: 'The data directory is older than the data that this member had confirmed: a restored backup or snapshot of the virtual machine, a disk that lost writes in a power failure, or a directory that was emptied.',
    fix: [
      replaceMember,
      'Where the quorum is lost: restore a snapshot of etcd (etcdutl snapshot restore).',
      'Never restore a single member from a copy of its data directory.',
    ],
  },
  {
    id: 'etcd-damaged',
    code: 'KS0503',
    patterns: [
      /"error":"wal: max entry size limit exceeded"/,
      /failed to open database.*"error":"invalid database"/,
    ],
    cause: 'the data of this etcd member is damaged',
    next: 'check the disk (dmesg), then replace the member where the other members are healthy: kubestrap reset HOST, then kubestrap up',
    title: 'The data of an etcd member is damaged',
    what: 'etcd exits after each start because etcd cannot read its own log or database.',
    why: 'A disk with errors, a power failure on a disk that confirms writes too early, or another program that wrote to the data directory.',
    fix: [
      'Look for errors of the disk: `dmesg | grep -i error`.',
      replaceMember,
      'Where there is no other member: restore a snapshot of etcd (etcdutl snapshot restore).',
    ],
  },
  {
    id: 'etcd-other-cluster',
    code: 'KS0504',
    patterns: [/cluster ID mismatch/],
    cause: 'etcd members of different clusters reach each other: one member has data of an earlier cluster',
    next: 'find the member of the other cluster (etcdctl member list), and run kubestrap reset for that host',
    title: 'An etcd member belongs to another cluster',
    what: 'Members refuse each other: "cluster ID mismatch".',
    why: 'A host was reset or installed again without its etcd data, or has the data of an earlier cluster; or two new clusters were created at the same addresses.',
    fix: [
      'On a healthy member: `etcdctl member list`. The wrong host is the one that is not listed, or whose ID differs.',
      whereEtcdctl,
      '`kubestrap reset HOST` removes the data of the member; then run `kubestrap up`.',
    ],
  },
  {
    id: 'etcd-removed',
    code: 'KS0505',
    patterns: [/the member has been permanently removed from the cluster/],
    cause: 'this etcd member was removed from the cluster, and the data of the member is still on the host',
    next: 'run kubestrap reset HOST, then kubestrap up, which adds the host as a new member',
    title: 'An etcd member was removed from the cluster',
    what: 'etcd exits: "the member has been permanently removed from the cluster".',
    why: 'The member was removed (etcdctl member remove, kubeadm reset, kubestrap remove --gone), and the host is back with its old data.',
    fix: [
      'For a host that belongs to the cluster: `kubestrap reset HOST`, then `kubestrap up`.',
      'For a host that does not: `kubestrap reset HOST`, and remove the host from the inventory.',
    ],
  },
  {
    id: 'etcd-peers-silent',
    code: 'KS0506',
    patterns: [/cannot fetch cluster info from peer urls: could not retrieve cluster information/],
    cause: 'a new etcd member does not reach any other member',
    next: 'check port 2380 from this host to the other members, and whether the other members run; then run kubestrap up',
    title: 'A new etcd member does not reach the other members',
    what: 'A new member of etcd exits after each start: no member of the cluster that the new member joins answers at its peer URL.',
    why: 'A firewall between the hosts closes port 2380, the other members do not run, or their addresses have changed.',
    fix: [
      'From this host: `curl -k https://ADDRESS:2380/members` for each other member; any answer shows that the port is open.',
      'Open port 2380 between control plane (or etcd) hosts; `kubestrap preflight` checks it.',
      '`kubestrap status` shows which members run.',
    ],
  },
  {
    id: 'etcd-unreachable',
    code: 'KS0507',
    patterns: [/Error while dialing:? dial tcp (\S+:2379): connect: connection refused/],
    general: true,
    cause: 'the API server does not reach etcd at {1}',
    next: 'see why etcd does not run: /var/log/containers/etcd-*.log on the host, or journalctl -u kubestrap-etcd; then run kubestrap up',
    title: 'The API server does not reach etcd',
    what: 'kube-apiserver exits after 20 s: "context deadline exceeded"; nothing listens at the address of etcd.',
    why: 'etcd on that host exited or was not started.',
    fix: [
      'Read the log of etcd. On a control plane node: `tail -n 50 /var/log/containers/etcd-*.log`; on a host with the role etcd: `journalctl -u kubestrap-etcd -n 50`.',
      '`kubestrap status` shows which members run.',
      'Fix what the log names, and run `kubestrap up`.',
    ],
  },
]
