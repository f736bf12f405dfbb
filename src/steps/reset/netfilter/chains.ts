import { createHash } from 'node:crypto'
import { type DirectRule, isDirectRule } from './direct-rules.js'
import { targetOf, wordsOfRule } from './words.js'

/**
 * Chains that kube-proxy and the kubelet create, by their exact names: pkg/proxy/iptables/proxier.go,
 * pkg/proxy/ipvs/proxier.go, pkg/kubelet/kubelet_network_linux.go and dockershim's hostport manager, from 1.20 to 1.36.
 * What only begins with KUBE- is somebody else's.
 */
const kubernetes =
  /^KUBE-(?:SERVICES|EXTERNAL-SERVICES|NODEPORTS|POSTROUTING|FORWARD|FIREWALL|MARK-MASQ|MARK-DROP|PROXY-FIREWALL|PROXY-CANARY|KUBELET-CANARY|IPTABLES-HINT|HOSTPORTS|NODE-PORT|LOAD-BALANCER|SOURCE-RANGES-FIREWALL|IPVS-FILTER|IPVS-OUT-FILTER|(?:SVC|SVL|SEP|FW|XLB|EXT|HP)-[A-Z2-7]{16})$/

/** Chains that every user of the portmap plug-in shares (plugins/meta/portmap/portmap.go). */
const sharedByPortmap = [
  'CNI-HOSTPORT-DNAT',
  'CNI-HOSTPORT-MASQ',
  'CNI-HOSTPORT-SETMARK',
  'CNI-HOSTPORT-SNAT',
]

/** Of a network plug-in: the chains of its daemon, the names of its CNI networks, and what else it leaves. */
export interface NetworkChains {
  chains: readonly string[]
  cniNames: readonly string[]
  /** What its daemon writes into chains of the kernel. */
  directRules?: readonly DirectRule[]
  /** Tables of its daemon, with nftables. */
  nftTables?: readonly string[]
  /** By which direct rules, and host ports of Pods, are told from those of others. */
  podSubnet?: string
  /** Only what CNI plug-ins made for containers, or for these. Absent: all of the cluster. */
  only?: 'containers' | ReadonlySet<string>
}

/** One table of a rule set as `iptables-save` prints it. */
export interface Table {
  name: string
  chains: readonly string[]
  /** Lines "-A CHAIN …". */
  rules: readonly string[]
}

/** Tables of the output of `iptables-save`. Throws an Error on a line that belongs to none. */
export function parseTables(text: string): Table[] {
  const tables: { name: string; chains: string[]; rules: string[] }[] = []
  for (const line of text.split('\n')) {
    const last = tables.at(-1)
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue
    if (line.startsWith('*')) tables.push({ name: line.slice(1), chains: [], rules: [] })
    else if (last && line.startsWith(':')) last.chains.push(line.slice(1).split(' ')[0] ?? '')
    else if (last && line.startsWith('-A ')) last.rules.push(line)
    else throw new Error(`not a line of iptables-save: ${line.slice(0, 120)}`)
  }
  return tables
}

/**
 * The name of a chain that a CNI plug-in made for one container: a digest of the network's name and the
 * container's id (containernetworking/plugins, pkg/utils/utils.go), so that nobody's comment can claim another's chain.
 * @param prefix '' of bridge, "DN-" and "SN-" of portmap
 */
export function cniChain(network: string, container: string, prefix: string): string {
  const digest = createHash('sha512').update(`${network}${container}`).digest('hex')
  return `CNI-${prefix}${digest}`.slice(0, 28)
}

/** What a rule says of the container it is for: `name: "cbr0" id: "…"`, with `dnat ` before it or not. */
function madeFor(rule: string): { network: string; container: string } | undefined {
  const words = wordsOfRule(rule)
  const comment = words[words.indexOf('--comment') + 1] ?? ''
  const match = /^(?:dnat )?name: "([^"]*)" id: "([^"]*)"$/.exec(comment)
  return match ? { network: match[1] ?? '', container: match[2] ?? '' } : undefined
}

export interface Deletion {
  table: string
  /** Rules in chains that stay: those that jump to chains that go, and the daemon's own; as saved. */
  rules: readonly string[]
  chains: readonly string[]
  /** Chains named like those of Kubernetes or CNI that cannot be attributed to this cluster. */
  left: readonly string[]
}

/** What of a table goes with the cluster, and what stays because it is or may be somebody else's. Pure. */
export function deletionOf({ name, chains, rules }: Table, network: NetworkChains): Deletion {
  const cni = new Set(
    rules.flatMap((rule) => {
      const made = madeFor(rule)
      const target = targetOf(rule)
      if (!made || target === undefined || !network.cniNames.includes(made.network)) return []
      if (typeof network.only === 'object' && !network.only.has(made.container)) return []
      return ['', 'DN-', 'SN-'].some((prefix) => cniChain(made.network, made.container, prefix) === target)
        ? [target]
        : []
    }),
  )
  const all = network.only === undefined
  const own = chains.filter(
    (chain) => cni.has(chain) || (all && (kubernetes.test(chain) || network.chains.includes(chain))),
  )
  const foreign = chains.some(
    (chain) => chain.startsWith('CNI-') && !cni.has(chain) && !sharedByPortmap.includes(chain),
  )
  const shared = foreign || !all ? [] : chains.filter((chain) => sharedByPortmap.includes(chain))
  const gone = new Set([...own, ...shared])
  const { directRules = [], podSubnet = '' } = network
  return {
    table: name,
    rules: rules.filter(
      (rule) =>
        !gone.has(rule.split(' ')[1] ?? '') &&
        (gone.has(targetOf(rule) ?? '') || (all && isDirectRule(name, rule, directRules, podSubnet))),
    ),
    chains: [...gone],
    left: chains.filter((chain) => /^(?:KUBE|CNI)-/.test(chain) && !gone.has(chain)),
  }
}

/** The input of `iptables-restore --noflush` that deletes just that, one transaction a table; '' for nothing. */
export function deletionText(deletions: readonly Deletion[]): string {
  return deletions
    .filter(({ rules, chains }) => rules.length + chains.length > 0)
    .map(({ table, rules, chains }) =>
      [
        `*${table}`,
        ...rules.map((rule) => rule.replace(/^-A /, '-D ')),
        ...chains.map((chain) => `-F ${chain}`),
        ...chains.map((chain) => `-X ${chain}`),
        'COMMIT\n',
      ].join('\n'),
    )
    .join('')
}
