import { hostNames, indent } from '../ui/format.js'

/** Something that stays on a host that was reset. */
export interface Left {
  host: string
  what: string
}

/**
 * What stays on hosts, each thing once with the hosts that have it. '' where nothing stays.
 * @param hosts in the order in which they are named
 */
export function leftText(left: readonly Left[], hosts: readonly string[]): string {
  if (left.length === 0) return ''
  const lines = [...new Set(left.map(({ what }) => what))].map((what) => {
    const having = new Set(left.filter((one) => one.what === what).map(({ host }) => host))
    const known = hosts.filter((host) => having.delete(host))
    return `${hostNames([...known, ...having])}: ${what}`
  })
  return `Left:\n${indent(lines.join('\n'), '  ')}`
}
