import { networkOf, parseCidr } from '../../../lib/cidr.js'
import { wordsOfRule } from './words.js'

/** A rule that a network's daemon writes into a chain of the kernel, as it may be told from those of others. */
export interface DirectRule {
  table: string
  chain: string
  /** Its comment, to the letter. */
  comment: string
  /** The targets it has. */
  targets: readonly string[]
}

/**
 * Whether a rule, as `iptables-save` prints it, is one of a network's daemon for this pod subnet: the chain, the
 * comment and the target are the daemon's, and it is about no other subnet (or about what kube-proxy has marked, which it
 * spares).
 */
export function isDirectRule(
  table: string,
  rule: string,
  known: readonly DirectRule[],
  podSubnet: string,
): boolean {
  const { chain, source, destination, mark, comment, target } = partsOf(rule)
  const cidr = parseCidr(podSubnet)
  if (!cidr) return false
  const subnet = networkOf(cidr)
  return (
    (mark === undefined
      ? source === subnet || destination === subnet
      : mark === kubeProxyMark && source === undefined && destination === undefined) &&
    known.some(
      (one) =>
        one.table === table &&
        one.chain === chain &&
        one.comment === comment &&
        one.targets.includes(target ?? ''),
    )
  )
}

/** --iptables-masquerade-bit of kube-proxy, 14. */
const kubeProxyMark = '0x4000/0x4000'

interface Parts {
  chain?: string
  source?: string
  destination?: string
  mark?: string
  comment?: string
  target?: string
}

const names: Readonly<Record<string, keyof Parts>> = {
  '-A': 'chain',
  '-s': 'source',
  '-d': 'destination',
  '--mark': 'mark',
  '--comment': 'comment',
  '-j': 'target',
}

/** {} for a rule with an option besides these: it is narrower than any of a daemon. */
function partsOf(rule: string): Parts {
  const words = wordsOfRule(rule)
  const parts: Parts = {}
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const name = names[word]
    if (name !== undefined) parts[name] = words[++i] ?? ''
    else if (word === '-m' && ['comment', 'mark'].includes(words[i + 1] ?? '')) i += 1
    else if (word !== '!' && word !== '--random-fully') return {}
  }
  return parts
}
