import { type Deletion, deletionOf, type NetworkChains } from './chains.js'
import { hostPortDeletions, hostPortTable } from './host-ports.js'
import { nftTables } from './nft-tables.js'

/**
 * What to delete of the output of `nft -a list ruleset`, given to `deletionOf` as rules "-A CHAIN … -j TARGET" with
 * their handles besides. For hosts without iptables, where kube-proxy brings its own; nft shows no comments of
 * iptables, by which a network's direct rules are told. Tables of nftables itself are looked at on every host. Pure.
 */
export function nftDeletions(ruleset: string, network: NetworkChains): { text: string; left: string[] } {
  const commands: string[] = []
  const left: string[] = []
  for (const table of nftTables(ruleset)) {
    const { family, name, chains } = table
    const isIp = family === 'ip' || family === 'ip6'
    if (
      network.only === undefined &&
      (name === 'kube-proxy' || (isIp && network.nftTables?.includes(name)))
    ) {
      commands.push(`delete table ${family} ${name}`)
      continue
    }
    if (!isIp) continue
    if (name === hostPortTable) {
      const found = hostPortDeletions(table, network.podSubnet)
      commands.push(...found.commands)
      left.push(...found.left)
      continue
    }
    // the handle makes each rule its own
    const rules = table.rules
      .filter(({ target }) => target !== undefined)
      .map((one) => ({ ...one, rule: `-A ${one.chain} --comment ${one.handle} -j ${one.target}` }))
    const found: Deletion = deletionOf({ name, chains, rules: rules.map(({ rule }) => rule) }, network)
    for (const { rule, chain, handle } of rules)
      if (found.rules.includes(rule)) commands.push(`delete rule ${family} ${name} ${chain} handle ${handle}`)
    for (const chain of found.chains) commands.push(`flush chain ${family} ${name} ${chain}`)
    for (const chain of found.chains) commands.push(`delete chain ${family} ${name} ${chain}`)
    left.push(...found.left.map((chain) => `chain ${chain} (nft)`))
  }
  return { text: commands.map((command) => `${command}\n`).join(''), left }
}
