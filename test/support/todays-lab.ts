import { join } from 'node:path'
import { w2 } from './e2e-lab.js'

/**
 * The lab's text for a version of today: containerd, and CoreDNS on; the second worker is a Debian 13.
 * @param releases a directory with a bundle of each version, as bundle-1.36.3
 * @param network '' for the default
 */
export function todaysLab(
  text: string,
  { releases, version, network }: { releases: string; version: string; network: string },
): string {
  const minor = Number(version.split('.')[1])
  return text
    .replace('"1.20.2"', `"${version}"`)
    .replace('runtime: docker\n', '')
    .replace('network: bridge', network === '' ? '' : `network: ${network}`)
    .replace(/^dns:\n.*\n/m, '')
    .replace(/^etcd:\n.*\n/m, minor >= 31 ? 'kubelet: { config: { failCgroupV1: false } }\n' : '')
    .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
    .replace(/bundle: .*/, `bundle: ${join(releases, `bundle-${version}`)}`)
    .concat(`  suites: { ${w2}: trixie }\n`)
}
