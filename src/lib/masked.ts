/** Names whose value is probably a secret: password, db_pass, secret_key, private_key, apiKey, client-key-data … */
const telling =
  /(?:pass(?:w(?:or)?d|phrase)?(?![a-z])|passwd|pwd|secret|token|credential|bearer|private[_-]?key|access[_-]?key|api[_-]?key|encryption[_-]?key|key[_-]data|^(?:\w*[._-])?auth(?:orization)?$|^(?:http-?)?headers?$)/i
/** Names that say where a secret lies, or how long it lives, not what it is. */
const harmless = /(?:file|path|dir|directory|name|names|ttl|url|uri|mode|enabled?|type)$/i
/** A key and what separates it from its value: YAML, TOML, JSON, ini, flags. */
const key = /(["']?)([\w.-]+)\1\s*(?:=>|[=:])\s*/g
const value = /"(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|[^\s,;})\]][^,;})\]]*/y
const blockScalar = /^[|>][+-]?\d?\s*$/

/**
 * Lines of a diff as they may be shown: a file can hold passwords that nobody told us of. What a key that
 * sounds like one is set to goes, with the lines below it of a YAML block, and who logs in in a URL.
 */
export function masked(diff: string): string {
  /** Columns before a key whose block of lines is a secret. */
  let block: number | undefined
  return diff
    .split('\n')
    .map((line) => {
      // "+", "-" or " " of the diff is one column
      const indent = /^[+ -]?(\s*)/.exec(line)?.[1]?.length ?? 0
      const empty = line.trim().length <= 1
      if (block !== undefined && (empty || indent > block))
        return empty ? line : `${line.slice(0, indent + 1)}…`
      const { shown, opens } = withoutValues(line)
      block = opens ? indent : undefined
      return shown
    })
    .join('\n')
}

/** @returns also whether its last value is a block of lines that follow */
function withoutValues(line: string): { shown: string; opens: boolean } {
  let shown = ''
  let at = 0
  for (const match of line.matchAll(key)) {
    const begin = match.index + match[0].length
    const name = match[2] ?? ''
    if (match.index < at || !telling.test(name) || harmless.test(name)) continue
    value.lastIndex = begin
    const [found = ''] = value.exec(line) ?? []
    if (blockScalar.test(found)) return { shown: plain(shown + line.slice(at)), opens: true }
    if (/^["']?(?:true|false|null)?["']?\s*$/i.test(found)) continue
    shown += `${line.slice(at, begin)}…`
    at = begin + found.length
  }
  return { shown: plain(shown + line.slice(at)), opens: false }
}

const plain = (line: string): string => line.replace(/(:\/\/)(?:[^/:@\s"']*:[^\s"']*|[^/@\s"']+)@/g, '$1…@')
