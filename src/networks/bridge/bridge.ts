import type { Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import { service } from '../../resources/service.js'
import { cniPlugins } from '../cni-plugins.js'
import type { Network, NetworkNode, NetworkSettings } from '../network.js'
import { routes } from './routes.js'

/** The CNI plug-ins this network's configuration names. */
const plugins = ['bridge', 'host-local', 'loopback', 'portmap']

const cniName = 'kubestrap-bridge'
const unit = 'kubestrap-bridge.service'
const unitFile = `/etc/systemd/system/${unit}`
const conflistFile = '/etc/cni/net.d/10-kubestrap-bridge.conflist'
const script = '/usr/local/lib/kubestrap/bridge-network'

/**
 * The plainest pod network: the reference CNI plug-ins' bridge on each node with the node's own
 * podCIDR, and a route to every other node's. Needs nodes on one link, and no daemon.
 */
export const bridge: Network = {
  id: 'bridge',
  packages: (os) => os.packages.cniPlugins,
  images: [],
  oneLink: () => true,
  objects: () => [],
  signs: [conflistFile],
  trees: ['/var/lib/cni'],
  chains: [],
  cniNames: [cniName],
  leftoversScript: '[ ! -e /sys/class/net/cni0 ] || echo link cni0',
  removeLeftoversScript: '[ ! -e /sys/class/net/cni0 ] || ip link del cni0',
  nodeSteps: (host, os, node, peers, settings) => [
    ...cniPlugins(host, os, plugins),
    configuration(host, node, settings),
    ...startUnit(host, settings),
    // the script reads what they leave for the next start
    // not while a restart of the unit takes routes away and sets them again
    routes(host, peers, settings, [`${host.name}/@packages`, `${host.name}/service:${unit}`]),
  ],
}

/**
 * The unit that keeps routes and rules. None of it asks which subnet the node gets, so it is there
 * before the node has joined; after Docker, which sets the policy of FORWARD when it starts.
 */
function startUnit(host: Host, settings: NetworkSettings): Step[] {
  const needs = [`${host.name}/@packages`]
  const files = [
    file(host, {
      path: script,
      title: 'Pod network start script',
      content: template('bridge/bridge-network.sh', {}),
      mode: '0755',
      marks: [unit],
      needs,
    }),
    file(host, {
      path: unitFile,
      title: 'Pod network unit',
      content: template(`bridge/${unit}`, { script }),
      marks: [unit],
      needs,
    }),
    file(host, {
      path: '/etc/kubestrap/bridge/pod-subnet',
      title: 'Pod subnet',
      content: `${settings.podSubnet}\n`,
      marks: [unit],
      needs,
    }),
  ]
  const after = [`${host.name}/@runtime`, ...files.map((step) => `${host.name}/${step.id}`)]
  return [...files, service(host, { unit, title: 'Pod network routes and rules', needs: after })]
}

function configuration(host: Host, node: NetworkNode, settings: NetworkSettings): Step {
  return file(host, {
    path: conflistFile,
    title: 'CNI configuration',
    content: () => conflist(node.podCidr.get(), settings.podSubnet),
    marks: ['kubelet.service'],
    needs: [node.knownAfter, `${host.name}/@packages`],
  })
}

/**
 * CNI configuration list (CNI specification 0.4.0, the newest that Debian 12's plug-ins and
 * Kubernetes 1.20's library both speak). Masquerading is not the plug-in's: it would hide a pod's
 * address from pods on other nodes; the start script's rule spares the pod subnet.
 */
export function conflist(podCidr: string, podSubnet: string): string {
  const list = {
    cniVersion: '0.4.0',
    name: cniName,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: podSubnet.includes(':') ? '::/0' : '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  return `${JSON.stringify(list, undefined, 2)}\n`
}
