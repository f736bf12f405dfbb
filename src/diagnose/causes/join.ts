import type { Cause } from '../cause.js'

/** 08: a node and its cluster. */
export const joinCauses: readonly Cause[] = [
  {
    id: 'node-name',
    code: 'KS0801',
    patterns: [
      /nodes \\*"([^"\\]+)\\*" is forbidden: node \\*"([^"\\]+)\\*" (?:is not allowed to|cannot) modify node/,
    ],
    cause: 'the kubelet registers as {1}, but its certificate is for node {2}',
    next: 'remove hostname-override from kubelet.extraArgs, or name the host {2} in the inventory; for a new name run kubestrap remove with the old name, then kubestrap up',
    title: 'The kubelet registers by another name than the name in its certificate',
    what: 'The API server refuses the Node: "is not allowed to modify node".',
    why: 'The host was renamed after it joined, hostname-override differs from the name in the inventory, or the disk is a clone of another node.',
    fix: [
      'Show the name in the certificate: `openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-client-current.pem`.',
      'Give the host its old name, or remove `hostname-override` from `kubelet.extraArgs`.',
      'To keep the new name: `kubestrap remove OLD` while the inventory has the old name, then `kubestrap up` with the new name in the inventory.',
    ],
  },
  {
    id: 'kubelet-no-credentials',
    code: 'KS0802',
    patterns: [/unable to load bootstrap kubeconfig: stat (\S+): no such file/],
    cause: 'the kubelet has no kubelet.conf, and no bootstrap token to request a certificate',
    next: 'run kubestrap up, which joins the node again; check /etc/kubernetes/kubelet.conf, and the client certificate in /var/lib/kubelet/pki',
    title: 'The kubelet has no credentials',
    what: 'The kubelet exits after each start: "unable to load bootstrap kubeconfig".',
    why: '/etc/kubernetes/kubelet.conf is missing, or names a client certificate that is missing or has expired; the kubelet then requests a new certificate with a bootstrap token, which a host has only while the host joins.',
    fix: [
      'On the host: `ls -l /etc/kubernetes/kubelet.conf /var/lib/kubelet/pki`.',
      'Run `kubestrap up`, which joins the node again.',
    ],
  },
]
