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
    next: 'check /etc/resolv.conf on the host (resolvectl status), and whether the name server answers',
    title: 'The host cannot resolve DNS names',
    what: 'A name does not resolve: the name was not found, or no name server answered.',
    why: 'A name server in /etc/resolv.conf that does not answer, a firewall that closes port 53, or a name that does not exist.',
    fix: [
      'On the host: `resolvectl status` or `cat /etc/resolv.conf`; `getent hosts NAME`.',
      'Correct the name servers in the network configuration of the system (netplan, systemd-resolved, NetworkManager), and run again.',
      'For hosts without DNS: a bundle (`kubestrap bundle create`, `binaries.bundle`), or a proxy (`sources.proxy`).',
    ],
  },
  {
    id: 'no-route',
    code: 'KS0702',
    patterns: [/dial tcp (\S+): connect: no route to host/, /connect EHOSTUNREACH (\S+)/],
    cause:
      'no route from this host to {1}: the other host is off or in another network, or a firewall rejects the connection',
    next: 'on the host: ip route get ADDRESS; ping ADDRESS; see the firewall of the other host (nft list ruleset), and run again',
    title: 'There is no route to another host',
    what: 'A connection failed with "no route to host".',
    why: 'The other host is off, its address has changed, a router between the hosts has no route to the network, or a firewall (such as firewalld) rejects the connection with ICMP.',
    fix: [
      'On the host: `ip route get ADDRESS`, `ping ADDRESS`.',
      'On the other host: the address (`ip address`), the firewall (`firewall-cmd --list-all`, `nft list ruleset`). `firewall: open` in the inventory opens the ports of Kubernetes in firewalld.',
      '`kubestrap preflight` tries the ports that Kubernetes requires between the hosts.',
    ],
  },
  {
    id: 'pod-cidr-missing',
    code: 'KS0703',
    patterns: [/failed to acquire lease: node \\*"([^"\\]+)\\*" pod cidr not assigned/],
    cause: 'node {1} has no Pod CIDR: no share of the Pod subnet',
    next: 'see whether kube-controller-manager runs with --allocate-node-cidrs, and whether the Pod subnet (networking.podSubnet) has a share left for another node',
    title: 'A node has no share of the Pod subnet',
    what: 'flannel waits or exits: "node pod cidr not assigned".',
    why: 'kube-controller-manager assigns each Node a share: kube-controller-manager does not run, allocate-node-cidrs is off, or the Pod subnet is too small for this number of nodes.',
    fix: [
      '`kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR` shows the shares.',
      '`kubestrap status` shows whether kube-controller-manager runs; its log has "CIDR allocation failed" where the subnet has no more shares.',
      'Remove `allocate-node-cidrs` from `controllerManager.extraArgs`, and run `kubestrap up`.',
    ],
  },
  {
    id: 'dns-loop',
    code: 'KS0704',
    patterns: [/plugin\/loop: Loop \(\S+ -> \S+\) detected for zone/],
    cause: "CoreDNS forwards to itself: the node's resolv.conf names a local address",
    next: 'set resolvConf in kubelet.config to the file with the real name servers (/run/systemd/resolve/resolv.conf), then run kubestrap up',
    title: 'CoreDNS forwards to itself',
    what: 'CoreDNS exits: "plugin/loop: Loop … detected".',
    why: 'The resolv.conf that the kubelet copies into Pods names a local stub (127.0.0.53), which in the Pod of CoreDNS is CoreDNS itself.',
    fix: [
      'Set `kubelet: { config: { resolvConf: /run/systemd/resolve/resolv.conf } }` on hosts with systemd-resolved, or write the addresses of the real name servers to /etc/resolv.conf.',
      'Run `kubestrap up`, and restart CoreDNS, since a Pod keeps the resolv.conf of its start: `kubectl -n kube-system rollout restart deployment coredns`.',
    ],
  },
  {
    id: 'cni-plugin-missing',
    code: 'KS0705',
    patterns: [/failed to find plugin \\*"([\w-]+)\\*" in path \[([^\]]*)\]/],
    cause: 'the CNI plug-in {1} is not in {2}',
    next: 'remove files of another network from /etc/cni/net.d; then run kubestrap up, which installs the plug-ins of its network',
    title: 'A CNI plug-in is missing',
    what: 'No Pod gets a network: the runtime does not find the program that the configuration in /etc/cni/net.d names.',
    why: 'The first file by name in /etc/cni/net.d is of another or an earlier network, or the programs in /opt/cni/bin were removed.',
    fix: [
      'On the host: `ls /etc/cni/net.d /opt/cni/bin`. The runtime uses the first file by name.',
      'Remove the file of the other network, and run `kubestrap up`, which installs the plug-ins of its network.',
    ],
  },
]
