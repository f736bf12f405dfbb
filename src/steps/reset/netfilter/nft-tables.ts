/** One table of nftables, as `nft -a list` prints it; of one that `nft list tables` names, the name alone. */
export interface NftTable {
  family: string
  name: string
  chains: string[]
  rules: NftRule[]
}

export interface NftRule {
  chain: string
  handle: string
  /** All of it but its handle. */
  body: string
  /** The chain it jumps or goes to. */
  target: string | undefined
}

/** Tables of a rule set. Pure. */
export function nftTables(ruleset: string): NftTable[] {
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
    table.rules.push({ chain, handle, body, target })
  }
  return tables
}
