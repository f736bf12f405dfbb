import { cniPlugins } from '../cni-plugins.js'
import type { Network } from '../network.js'
import { flannelImages, flannelObjects } from './objects.js'

/** What flannel's CNI configuration delegates to. */
const plugins = ['bridge', 'host-local', 'loopback', 'portmap']

/**
 * flannel by its DaemonSet, with its VXLAN backend, for nodes on any network, or host-gw. Its images come
 * from a registry, or from a bundle that has them; its own plug-in is brought by its pods.
 */
export const flannel: Network = {
  id: 'flannel',
  packages: (os) => os.packages.cniPlugins,
  // VXLAN of Linux, flannel's default (Documentation/backends.md)
  traffic: ({ flannel: { backend } }) => (backend === 'vxlan' ? ['8472/udp'] : []),
  oneLink: ({ flannel: { backend } }) => backend === 'host-gw',
  images: Object.values(flannelImages),
  objects: flannelObjects,
  nodeSteps: (host, os) => cniPlugins(host, os, plugins),
  // its pods' init container writes it (objects.ts)
  signs: ['/etc/cni/net.d/10-flannel.conflist'],
  trees: ['/var/lib/cni', '/run/flannel'],
  // flannel's pkg/trafficmngr; 0.20 and earlier write into FORWARD and POSTROUTING themselves (pkg/network/iptables.go)
  chains: ['FLANNEL-FWD', 'FLANNEL-POSTRTG'],
  directRules: [
    { table: 'nat', chain: 'POSTROUTING', comment: 'flanneld masq', targets: ['RETURN', 'MASQUERADE'] },
    { table: 'filter', chain: 'FORWARD', comment: 'flanneld forward', targets: ['ACCEPT'] },
  ],
  // with EnableNFTables, which kubestrap's configuration does not set and somebody may have
  nftTables: ['flannel-ipv4', 'flannel-ipv6'],
  // the name in net-conf's CNI configuration (objects.ts)
  cniNames: ['cbr0'],
  leftoversScript: 'for l in cni0 flannel.1; do [ ! -e /sys/class/net/$l ] || echo "link $l"; done',
  removeLeftoversScript: `for l in cni0 flannel.1; do [ ! -e /sys/class/net/$l ] || ip link del $l || exit 1; done
rm -f /opt/cni/bin/flannel`,
}
