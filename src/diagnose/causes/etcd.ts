import type { Cause } from '../cause.js'

/** What helps where a member's data is of no use: the others have it. */
const replaceMember =
  'Where other members are healthy: `kubestrap reset HOST`, then `kubestrap up`: the member is removed and joins again with empty data.'

/** 05: etcd and its members. */
export const etcdCauses: readonly Cause[] = [
  {
    id: 'etcd-full',
    code: 'KS0501',
    patterns: [/mvcc: database space exceeded/, /alarm raised.*NOSPACE|\balarm:NOSPACE/],
    cause: 'the database of etcd has reached its size limit, and takes no more writes',
    next: 'compact and defragment each member, then etcdctl alarm disarm; a larger limit: etcd.extraArgs quota-backend-bytes',
    title: 'The database of etcd is full',
    what: 'etcd has raised the alarm NOSPACE and refuses every write; its health check fails, so the kubelet may restart it.',
    why: 'The database has grown to quota-backend-bytes (2 GiB by default): many or large objects, many events, or no defragmentation for long.',
    fix: [
      'Delete what fills it where that is possible.',
      'On each member, one after the other: `etcdctl compact REVISION` (once), `etcdctl defrag`. The revision is in `etcdctl endpoint status -w json`.',
      'Then `etcdctl alarm disarm`.',
      'A larger limit: `etcd: { extraArgs: { quota-backend-bytes: "8589934592" } }`, and `kubestrap up`.',
    ],
  },
  {
    id: 'etcd-data-lost',
    code: 'KS0502',
    patterns: [/tocommit\(\d+\) is out of range \[lastIndex\(\d+\)\]/],
    cause: 'this etcd member has lost data that it had confirmed to the others: its disk or an old copy',
    next: 'replace the member where the others are healthy: kubestrap reset HOST, then kubestrap up; else restore a snapshot',
    title: 'An etcd member has lost data',
    what: 'etcd panics at its start: "tocommit(N) is out of range [lastIndex(M)]. Was the raft log corrupted, truncated, or lost?"',
    why: 'The data directory is older than what this member had confirmed: a restored backup or snapshot of the virtual machine, a disk that lost writes in a power failure, or a directory that was emptied.',
    fix: [
      replaceMember,
      'Where no majority of the members is left: restore a snapshot of etcd (etcdutl snapshot restore).',
      'Never restore a single member from a copy of its directory.',
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
    next: 'check the disk (dmesg), then replace the member where the others are healthy: kubestrap reset HOST, then kubestrap up',
    title: 'The data of an etcd member is damaged',
    what: 'etcd ends at its start because it cannot read its own log or database.',
    why: 'A disk with errors, a power failure on a disk that confirms writes too early, or another program that wrote there.',
    fix: [
      'Look for errors of the disk: `dmesg | grep -i error`.',
      replaceMember,
      'Where it is the only member: restore a snapshot of etcd (etcdutl snapshot restore).',
    ],
  },
  {
    id: 'etcd-other-cluster',
    code: 'KS0504',
    patterns: [/cluster ID mismatch/],
    cause: 'etcd members of different clusters talk to each other: one has data of an earlier cluster',
    next: 'find the member that does not belong (etcdctl member list), and kubestrap reset that host',
    title: 'An etcd member belongs to another cluster',
    what: 'Members refuse each other: "cluster ID mismatch".',
    why: 'A host was reset or installed again without its etcd data, or has the data of an earlier cluster; or two new clusters were created at the same addresses.',
    fix: [
      'On a healthy member: `etcdctl member list`. The host that is not listed, or whose ID differs, is the wrong one.',
      '`kubestrap reset HOST` removes its data; then `kubestrap up`.',
    ],
  },
  {
    id: 'etcd-removed',
    code: 'KS0505',
    patterns: [/the member has been permanently removed from the cluster/],
    cause: 'this etcd member was removed from the cluster, and its data is still there',
    next: 'kubestrap reset HOST, then kubestrap up adds it as a new member',
    title: 'An etcd member was removed from the cluster',
    what: 'etcd ends: "the member has been permanently removed from the cluster".',
    why: 'Somebody removed the member (etcdctl member remove, kubeadm reset, kubestrap remove --gone), and the host is back with its old data.',
    fix: [
      'A host that should belong to the cluster: `kubestrap reset HOST`, then `kubestrap up`.',
      'One that should not: `kubestrap reset HOST`, and remove it from the inventory.',
    ],
  },
  {
    id: 'etcd-peers-silent',
    code: 'KS0506',
    patterns: [/cannot fetch cluster info from peer urls: could not retrieve cluster information/],
    cause: 'a new etcd member does not reach any of the others',
    next: 'check port 2380 from this host to the other members, and that those run; then run kubestrap up',
    title: 'A new etcd member does not reach the others',
    what: 'etcd ends at its start: it should join a cluster, and no member of that cluster answers at its peer URL.',
    why: 'A firewall between the hosts closes port 2380, the other members do not run, or their addresses have changed.',
    fix: [
      'From this host: `curl -k https://ADDRESS:2380/members` for each other member; any answer shows that the way is open.',
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
    next: 'see why etcd does not run: crictl ps -a | grep etcd and its log on the host, or journalctl -u kubestrap-etcd; then run kubestrap up',
    title: 'The API server does not reach etcd',
    what: 'kube-apiserver ends after 20 seconds: "context deadline exceeded"; nothing listens at the address of etcd.',
    why: 'etcd on that host ended or was not started.',
    fix: [
      'On the host of etcd: `crictl ps -a --name etcd` and `crictl logs ID`; on separate etcd hosts `journalctl -u kubestrap-etcd`.',
      '`kubestrap status` shows members and quorum.',
    ],
  },
]
