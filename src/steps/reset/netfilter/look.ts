import { type Deletion, deletionOf, deletionText, type NetworkChains, parseTables } from './chains.js'
import { hostPortTable } from './host-ports.js'
import { isOfCluster, isOwnSet, type Subnets, virtualServers } from './ipvs.js'
import { nftDeletions } from './nft.js'

/**
 * Prints the rule sets of every variant that is there, each after a line "@PROGRAM", and "@end" when all were
 * read. The kubelet and CNI plug-ins use the host's variant, kube-proxy that of its image: both are looked at.
 * A kernel without nf_tables has no rules there. Rules inside kube-proxy's own chains go with them and do not
 * travel: there are tens of thousands in a large cluster. POSIX sh.
 */
export const lookScript = `
export LC_ALL=C
any=
saved() {
  any=1
  if out=$($1-save 2>&1); then
    echo "@$1"
    printf '%s\\n' "$out" | sed -E -n '/^[*:]/p; /^COMMIT/p; /^-A KUBE-(SVC|SVL|SEP|FW|XLB|EXT|HP)-[A-Z2-7]{16} /d; /^-A /p'
  else case $out in
    *'Protocol not supported'* | *'does not exist (do you need to insmod?)'*) ;;
    *) printf '%s\\n' "$out" >&2; exit 1 ;;
  esac; fi
}
for p in iptables ip6tables; do
  found=
  for v in nft legacy; do
    command -v $p-$v-save >/dev/null || continue
    found=1
    saved $p-$v
  done
  [ -n "$found" ] || ! command -v $p-save >/dev/null || saved $p
done
if command -v nft >/dev/null; then
  # a kernel without nf_tables says so, and then there is nothing
  if [ -n "$any" ]; then out=$(nft list tables 2>&1); else out=$(nft -a list ruleset 2>&1); fi
  code=$?
  case $code:$out in
  0:*)
    echo @nft
    # of the table that users of portmap share its rules are looked at, too
    [ -z "$any" ] || for t in 'ip ${hostPortTable}' 'ip6 ${hostPortTable}'; do
      printf '%s\\n' "$out" | grep -qx "table $t" || continue
      rules=$(nft -a list table $t) || exit 1
      out=$(printf '%s\\n' "$out" | grep -vx "table $t"; printf '%s\\n' "$rules")
    done
    printf '%s\\n' "$out" ;;
  *'Protocol not supported'*) ;;
  *) printf '%s\\n' "$out" >&2; exit 1 ;;
  esac
  any=1
fi
[ -n "$any" ] || echo @none
if [ -s /proc/net/ip_vs ]; then
  # with the program that deletes them
  if command -v ipvsadm >/dev/null; then echo @ipvs ipvsadm; else echo @ipvs; fi
  sed -n '4,$p' /proc/net/ip_vs
  echo @ipset
  if command -v ipset >/dev/null; then ipset list -n || exit 1; fi
fi
# kube-proxy turns it on to answer NodePorts on loopback (pkg/proxy/iptables)
[ "$(cat /proc/sys/net/ipv4/conf/all/route_localnet 2>/dev/null)" != 1 ] || echo @route_localnet
echo @end
`

/** What one program is to be given on its standard input. */
export interface Removal {
  /** "iptables-nft", "iptables-legacy", "ip6tables", "nft", "ipvsadm", "ipset" … */
  program: string
  text: string
}

export interface Netfilter {
  removals: readonly Removal[]
  rules: number
  chains: number
  /** Virtual servers and sets of IPVS. */
  ipvs: number
  /** What looks like a cluster's and stays, for its user to judge. */
  left: readonly string[]
}

/** Parts of the answer that are of kube-proxy alone. */
const notOfContainers = /^(?:route_localnet|ipvs|ipset)/

/**
 * What to delete, from the answer of `lookScript`.
 * @param subnets by which virtual servers of IPVS are told. Default: none are the cluster's
 * Throws an Error when the answer is not whole. Pure.
 */
export function readNetfilter(
  answer: string,
  network: NetworkChains,
  subnets: Subnets = { podSubnet: '', serviceSubnet: '' },
): Netfilter {
  const lines = answer.trimEnd().split('\n')
  if (lines.at(-1) !== '@end') throw new Error('the answer is cut short')
  const sections: { program: string; lines: string[] }[] = []
  for (const line of lines.slice(0, -1)) {
    if (line.startsWith('@')) sections.push({ program: line.slice(1), lines: [] })
    else sections.at(-1)?.lines.push(line)
  }
  const removals: Removal[] = []
  const left: string[] = []
  let rules = 0
  let chains = 0
  let ipvs = 0
  for (const { program, lines: body } of sections) {
    if (network.only !== undefined && notOfContainers.test(program)) continue
    if (program === 'route_localnet')
      left.push('net.ipv4.conf.all.route_localnet = 1, as kube-proxy sets it (until the next boot)')
    else if (program === 'none') left.push('netfilter rules: neither iptables nor nft is there to look')
    else if (program.startsWith('ipvs')) {
      const servers = virtualServers(body.join('\n'))
      const own = servers.filter((server) => isOfCluster(server, subnets))
      if (own.length > 0 && program !== 'ipvs ipvsadm')
        left.push(
          `${own.length} virtual servers of IPVS: the program ipvsadm, which deletes them, is not installed (until the next boot)`,
        )
      else if (own.length > 0)
        removals.push({ program: 'ipvsadm', text: own.map(({ argument }) => `${argument}\n`).join('') })
      if (program === 'ipvs ipvsadm') ipvs += own.length
      const others = servers.length - own.length
      if (others > 0)
        left.push(`${others} virtual servers of IPVS that may be somebody else's (ipvsadm --list)`)
    } else if (program === 'ipset') {
      const own = body.filter(isOwnSet)
      ipvs += own.length
      if (own.length > 0) removals.push({ program, text: own.map((name) => `${name}\n`).join('') })
    } else if (program === 'nft') {
      const found = nftDeletions(
        body.map((line) => line.replace(/^(table \S+ \S+)$/, '$1 {')).join('\n'),
        network,
      )
      if (found.text !== '') removals.push({ program, text: found.text })
      rules += (found.text.match(/^delete rule /gm) ?? []).length
      chains += (found.text.match(/^delete (?:chain|table) /gm) ?? []).length
      left.push(...found.left)
    } else {
      const found: Deletion[] = parseTables(body.join('\n')).map((table) => deletionOf(table, network))
      const text = deletionText(found)
      if (text !== '') removals.push({ program, text })
      rules += found.reduce((sum, one) => sum + one.rules.length, 0)
      chains += found.reduce((sum, one) => sum + one.chains.length, 0)
      left.push(
        ...found.flatMap(({ table, left: names }) =>
          names.map((name) => `chain ${name} (${program}, ${table})`),
        ),
      )
    }
  }
  return { removals, rules, chains, ipvs, left }
}

/**
 * Deletes what stands on stdin with program "$1"; a table changes as a whole or not at all, and what others add
 * meanwhile stays. POSIX sh.
 */
export const deleteScript = `
export LC_ALL=C
case $1 in
nft) exec nft -f - ;;
# what is gone meanwhile is no failure: it is looked at again
ipvsadm) while read -r option server; do ipvsadm -D "$option" "$server" || :; done ;;
ipset) while read -r set; do ipset destroy "$set" || :; done ;;
*) exec "$1-restore" -w 20 --noflush ;;
esac
`
