/** Words of a rule; iptables-save quotes those with odd characters and escapes ", ' and \ in them. */
export function wordsOfRule(rule: string): string[] {
  return [...rule.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
  )
}

/** Options whose value is free text, which may look like an option. */
const freeText = ['--comment', '--log-prefix', '--nflog-prefix', '--ulog-prefix', '--string', '--hex-string']

/** The chain or target a rule jumps or goes to. */
export function targetOf(rule: string): string | undefined {
  const words = wordsOfRule(rule)
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    if (freeText.includes(word)) i += 1
    else if (word === '-j' || word === '-g') return words[i + 1]
  }
  return undefined
}
