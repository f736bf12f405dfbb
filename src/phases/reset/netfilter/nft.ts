import { type Deletion, deletionOf, type NetworkChains } from './chains.js'

/**
 * The output of `nft -a list ruleset` as `deletionOf` takes it: rules as "-A CHAIN … -j TARGET", with their
 * handles besides. For hosts without iptables, where kube-proxy brings its own. Pure.
 */
export function nftDeletions(ruleset: string, network: NetworkChains): { text: string; left: string[] } {
  const commands: string[] = []
  const left: string[] = []
  for (const { family, name, chains, rules } of tablesOf(ruleset)) {
    if (name === 'kube-proxy') {
      commands.push(`delete table ${family} ${name}`)
      continue
    }
    if (family !== 'ip' && family !== 'ip6') continue
    const found: Deletion = deletionOf({ name, chains, rules: rules.map(({ rule }) => rule) }, network)
    for (const { rule, chain, handle } of rules)
      if (found.rules.includes(rule)) commands.push(`delete rule ${family} ${name} ${chain} handle ${handle}`)
    for (const chain of found.chains) commands.push(`flush chain ${family} ${name} ${chain}`)
    for (const chain of found.chains) commands.push(`delete chain ${family} ${name} ${chain}`)
    left.push(...found.left)
  }
  return { text: commands.map((command) => `${command}\n`).join(''), left }
}

interface NftTable {
  family: string
  name: string
  chains: string[]
  rules: { rule: string; chain: string; handle: string }[]
}

function tablesOf(ruleset: string): NftTable[] {
  const tables: NftTable[] = []
  let chain = ''
  for (const line of ruleset.split('\n')) {
    const [, family, name] = /^table (\S+) (\S+) \{/.exec(line) ?? []
    if (family !== undefined && name !== undefined) tables.push({ family, name, chains: [], rules: [] })
    const table = tables.at(-1)
    const [, begun] = /^\tchain (\S+) \{/.exec(line) ?? []
    if (table && begun !== undefined) {
      chain = begun
      table.chains.push(chain)
    }
    const [, body, handle] = /^\t\t(.*) # handle (\d+)$/.exec(line) ?? []
    if (!table || body === undefined || handle === undefined) continue
    // what stands in quotes is a comment or a name, never a verdict
    const [, target] = /(?:^|\s)(?:jump|goto) (\S+)/.exec(body.replace(/"[^"]*"/g, '""')) ?? []
    // the handle makes each rule its own
    const comment = `--comment ${handle}`
    if (target !== undefined) table.rules.push({ rule: `-A ${chain} ${comment} -j ${target}`, chain, handle })
  }
  return tables
}
