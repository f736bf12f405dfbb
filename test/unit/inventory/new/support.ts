import { known } from '../../../../src/catalog.js'
import { checkedText } from '../../../../src/inventory/new/checked-text.js'
import { draftOf, type Wishes } from '../../../../src/inventory/new/draft.js'
import type { Look, Sight } from '../../../../src/inventory/new/sight.js'
import { type GivenHosts, type WantedHost, wantedHosts } from '../../../../src/inventory/new/wanted-hosts.js'
import type { ClusterSpec } from '../../../../src/inventory/spec.js'

export const noHosts: GivenHosts = { 'control-plane': [], worker: [], 'load-balancer': [], etcd: [] }

export const noWishes: Wishes = {
  version: '1.20.2',
  bundle: './bundle',
  bundleCommand: 'kubestrap lab bundle',
  endpoint: undefined,
  virtualIp: undefined,
  runtime: undefined,
  network: undefined,
  kubeletConfig: {},
  ssh: {},
}

/** A Debian machine at 10.0.0.11 that nothing is wrong with. */
export const sight = (over: Partial<Sight> = {}): Sight => ({
  hostname: 'alpha',
  system: 'Debian GNU/Linux 12 (bookworm)',
  unfit: undefined,
  cgroup: 'v2',
  arch: 'amd64',
  addresses: ['10.0.0.11'],
  defaultAddress: '10.0.0.11',
  cluster: undefined,
  root: 'login',
  ...over,
})

export const unseen: Look = { kind: 'unseen', tried: false, dialled: undefined }

/** The inventory of these flags, its text and what it means. */
export function written(
  given: Partial<GivenHosts>,
  wishes: Partial<Wishes> = {},
  lookAt: (host: WantedHost) => Look = () => unseen,
): { text: string; spec: ClusterSpec; notes: readonly string[] } {
  const hosts = wantedHosts({ ...noHosts, ...given }).map((wanted) => ({ wanted, look: lookAt(wanted) }))
  const draft = draftOf(hosts, { ...noWishes, ...wishes })
  const options = { file: '/etc/ks/inventory.yaml', label: 'inventory.yaml', home: '/home/me', known }
  return { ...checkedText(draft, options), notes: draft.notes }
}
