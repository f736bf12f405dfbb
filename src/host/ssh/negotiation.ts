/** What both sides offered in a key exchange, as far as ssh2 told it. */
export interface Negotiation {
  /** For ssh2's `debug`. */
  hear(text: string): void
  /** What is lacking, in words, for an error of ssh2 about it; undefined for any other error. */
  lacking(error: Error): { message: string; why: string; next: string } | undefined
}

/** By ssh2's name for it: what to call it, and the key of sshd_config. */
const kinds: Readonly<Record<string, { name: string; said: string; key: string }>> = {
  'key exchange algorithm': { name: 'key exchange method', said: 'KEX method', key: 'KexAlgorithms' },
  'host key format': { name: 'host key algorithm', said: 'Host key format', key: 'HostKeyAlgorithms' },
  'C->S cipher': { name: 'cipher', said: 'C->S cipher', key: 'Ciphers' },
  'S->C cipher': { name: 'cipher', said: 'S->C cipher', key: 'Ciphers' },
  'C->S MAC': { name: 'MAC', said: 'C->S MAC', key: 'MACs' },
  'S->C MAC': { name: 'MAC', said: 'S->C MAC', key: 'MACs' },
}

/** Markers that stand among key exchange methods and are none (RFC 8308, OpenSSH's strict key exchange). */
const noMethod = /^(ext-info-[cs]|kex-strict-.*)$/

export function negotiation(): Negotiation {
  const offers = new Map<string, string[]>()
  return {
    hear: (text) => {
      const [, side, what, list] = /^Handshake: \((local|remote)\) ([^:]+): (.*)$/.exec(text) ?? []
      if (side && what && list !== undefined)
        offers.set(
          `${side} ${what}`,
          list.split(',').filter((one) => !noMethod.test(one)),
        )
    },
    lacking: (error) => {
      const kind = kinds[/no matching (.+)$/.exec(error.message)?.[1] ?? '']
      if (!kind) return undefined
      const theirs = offers.get(`remote ${kind.said}`) ?? []
      const ours = offers.get(`local ${kind.said}`) ?? []
      return {
        message: `no ${kind.name} in common with the SSH server`,
        why: `the server offers: ${theirs.join(', ')}\nkubestrap knows: ${ours.join(', ')}`,
        next: `on the host, in sshd_config: ${kind.key} +${ours[0] ?? ''} (one of those kubestrap knows)`,
      }
    },
  }
}
