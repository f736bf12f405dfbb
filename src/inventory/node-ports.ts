/** Ports that something else listens on at a node of ours, by the name people know it by (kubernetes.io, "Ports and Protocols"). */
const taken: Readonly<Record<number, string>> = {
  22: 'sshd',
  2379: 'etcd, for clients',
  2380: 'etcd, for its peers',
  2381: "etcd's metrics",
  10248: "the kubelet's health",
  10249: "kube-proxy's metrics",
  10250: 'the kubelet',
  10256: "kube-proxy's health",
  10257: 'kube-controller-manager',
  10259: 'kube-scheduler',
}

/** Who has a port on nodes; undefined when it is free. */
export function nodePortOwner(port: number): string | undefined {
  return taken[port]
}
