import type { Cause } from '../cause.js'

/** A kubelet or runtime on its way to an image. */
const pull = /pull(?:ing|ed)? image|PullImage|ErrImagePull|ImagePullBackOff/i

/** 07: between machines, between Pods, and names. */
export const networkCauses: readonly Cause[] = [
  {
    id: 'dns',
    code: 'KS0701',
    patterns: [
      /Temporary failure (?:resolving|in name resolution)/,
      /Could not resolve host:? (\S+)/,
      /lookup (\S+?):? on \S+: (?:no such host|server misbehaving|read udp .*i\/o timeout)/,
      /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)/,
    ],
    unless: pull,
    cause: 'the host cannot resolve DNS names',
    next: 'check /etc/resolv.conf on the host (resolvectl status), and whether its name server answers',
    title: 'The host cannot resolve DNS names',
    what: 'A name was not found, or no name server answered.',
    why: 'A name server in /etc/resolv.conf that does not answer, a firewall that closes port 53, or a name that does not exist.',
    fix: [
      'On the host: `resolvectl status` or `cat /etc/resolv.conf`; `getent hosts NAME`.',
      'Correct the name servers where the system keeps them (netplan, systemd-resolved, NetworkManager).',
      'A host without a way out installs from a bundle, or through `sources.proxy`.',
    ],
  },
  {
    id: 'no-route',
    code: 'KS0702',
    patterns: [/dial tcp (\S+): connect: no route to host/, /connect EHOSTUNREACH (\S+)/],
    cause: 'no way from this host to {1}: it is off, in another network, or a firewall rejects',
    next: 'on the host: ip route get ADDRESS; ping ADDRESS; see the firewall of the other host (nft list ruleset), and run again',
    title: 'There is no way to another host',
    what: 'A connection failed with "no route to host".',
    why: 'The other host is off, its address has changed, the router between them does not know the network, or a firewall (firewalld of the family of Red Hat) rejects the connection with ICMP.',
    fix: [
      'On the host: `ip route get ADDRESS`, `ping ADDRESS`.',
      'On the other host: its address (`ip address`), its firewall (`firewall-cmd --list-all`, `nft list ruleset`); `firewall: open` of the inventory opens firewalld.',
      '`kubestrap preflight` tries every port between the hosts.',
    ],
  },
  {
    id: 'pod-cidr-missing',
    code: 'KS0703',
    patterns: [/failed to acquire lease: node \\*"([^"\\]+)\\*" pod cidr not assigned/],
    cause: 'node {1} has no share of the pod subnet',
    next: 'see whether kube-controller-manager runs with --allocate-node-cidrs, and whether the pod subnet has room for another node',
    title: 'A node has no share of the pod subnet',
    what: 'flannel waits or ends: "node pod cidr not assigned".',
    why: 'kube-controller-manager gives each Node its share: it does not run, allocate-node-cidrs is off, or the pod subnet is too small for this number of nodes.',
    fix: [
      '`kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR` shows the shares.',
      'See kube-controller-manager: `kubestrap status`; its log says "CIDR allocation failed" where the subnet has no more shares.',
      'Remove allocate-node-cidrs from `controllerManager.extraArgs`.',
    ],
  },
  {
    id: 'dns-loop',
    code: 'KS0704',
    patterns: [/plugin\/loop: Loop \(\S+ -> \S+\) detected for zone/],
    cause: "CoreDNS forwards to itself: the node's resolv.conf names a local address",
    next: 'set resolvConf in kubelet.config to the file with the real name servers (/run/systemd/resolve/resolv.conf), then run kubestrap up',
    title: 'CoreDNS forwards to itself',
    what: 'CoreDNS ends: "plugin/loop: Loop … detected".',
    why: 'The resolv.conf that the kubelet gives to Pods names a local stub (127.0.0.53), which in a Pod is CoreDNS itself.',
    fix: [
      'Set `kubelet: { config: { resolvConf: /run/systemd/resolve/resolv.conf } }` on hosts with systemd-resolved, or name real servers in /etc/resolv.conf.',
      'Run `kubestrap up`, and delete the Pods of CoreDNS: Pods keep the file they began with.',
    ],
  },
  {
    id: 'cni-plugin-missing',
    code: 'KS0705',
    patterns: [/failed to find plugin \\*"([\w-]+)\\*" in path \[([^\]]*)\]/],
    cause: 'the CNI plug-in {1} is not in {2}',
    next: 'run kubestrap up, which installs it; a file of another network in /etc/cni/net.d must be removed',
    title: 'A CNI plug-in is missing',
    what: 'No Pod gets a network: the runtime does not find the program that the configuration in /etc/cni/net.d names.',
    why: 'A configuration of another or earlier network is the first in /etc/cni/net.d, or the programs in /opt/cni/bin were removed.',
    fix: [
      'On the host: `ls /etc/cni/net.d /opt/cni/bin`. The first file by name is used.',
      'Remove the file of another network; `kubestrap up` installs what its own network needs.',
    ],
  },
]
