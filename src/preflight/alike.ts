import type { Finding } from './run-checks.js'

/** Findings of one check that say the same of several hosts. */
export interface Alike extends Omit<Finding, 'host'> {
  /** In the order they were found. */
  hosts: readonly string[]
}

/** How many hosts are named; the rest are counted. */
const named = 5

/** What is found alike on several hosts, once: thirty lines of one thing hide the one line of another. Pure. */
export function alike(findings: readonly Finding[]): Alike[] {
  const groups = new Map<string, { finding: Finding; hosts: string[] }>()
  for (const finding of findings) {
    const { check, severity, what, next, ignored } = finding
    const key = JSON.stringify([check, severity, ignored, what, next])
    const known = groups.get(key)
    if (known) known.hosts.push(finding.host)
    else groups.set(key, { finding, hosts: [finding.host] })
  }
  return [...groups.values()].map(({ finding, hosts }) => ({ ...finding, hosts }))
}

/** "cp1", "cp1, w1", "w1, w2, w3, w4, w5 and 25 more hosts". */
export function hostsText(hosts: readonly string[]): string {
  const rest = hosts.length - named
  if (rest <= 1) return hosts.join(', ')
  return `${hosts.slice(0, named).join(', ')} and ${rest} more hosts`
}
