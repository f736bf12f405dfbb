import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { planeLines } from './control-planes.js'
import { cp2, cp3, lb1, lb2, machines, type Ran, run, virtualIp, w2 } from './e2e-lab.js'

/** The versions of which a directory has a bundle, as bundle-1.36.3, the oldest first; none where '' is named. */
export const bundledVersions = (releases: string): string[] =>
  (releases ? readdirSync(releases) : [])
    .flatMap((name) => /^bundle-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))

/** How long a test of an upgrade, and each of its runs, may take, ms. */
export const hour = 3_600_000

/** Runs `up`, which asks for nothing; any exit code is an answer. */
export const up = (file: string, ...more: string[]): Promise<Ran> =>
  run(process.execPath, ['bin/kubestrap.js', 'up', '--yes', '-i', file, '-o', 'plain', ...more], {
    timeoutMs: hour,
  })

/** Tells how long something took. */
export async function took<T>(what: string, work: Promise<T>): Promise<T> {
  const began = Date.now()
  const done = await work
  process.stderr.write(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
  return done
}

/** A lab's text with the network bridge, with three control planes behind two balancers that share an address. */
export const balanced = (text: string): string =>
  text
    .replace('network: bridge', `network: bridge\nloadBalancer: { type: haproxy, virtualIP: ${virtualIp} }`)
    .replace(
      /^hosts:\n/m,
      `hosts:\n${[lb1, lb2].map((name) => `  ${name}: { address: ${machines[name]}, roles: [load-balancer] }\n`).join('')}${planeLines([cp2, cp3])}`,
    )

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
