import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabSuite } from '../../inventory/schema/lab.js'
import { packageRoot } from '../../lib/package-root.js'
import { alone } from '../alone.js'
import { cacheDirectory } from '../cache.js'
import { must } from '../command.js'
import { exists } from '../debian-packages.js'
import { type Report, throttled } from '../report.js'

/** What machines are where the inventory does not say otherwise. */
const usual: LabSuite = 'bookworm'

/** What a machine has from the start: little more than systemd, sshd and the tools of a server image. */
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'iproute2',
  'iptables',
  'nftables',
  'curl',
  'ca-certificates',
  'procps',
  'kmod',
  'conntrack',
  'ebtables',
  'ethtool',
  'socat',
  'psmisc',
]

/** Fetched into the machines' package cache, not installed: the product installs them. */
const fetched = ['docker.io', 'containerd', 'containernetworking-plugins']

const template = (name: string): string => join(packageRoot, `templates/lab/${name}`)

/**
 * The root file system lab machines stand on; made once for each recipe and kept in the cache.
 * It appears under its name only when complete, so a cut leaves no half one.
 */
export async function baseRootfs(report: Report, suite: LabSuite = usual): Promise<string> {
  const wrap = (await canRaiseResources()) ? '' : 'wrap-runc'
  const [recipe, wrapper] = await Promise.all([
    readFile(template('base-rootfs.sh')),
    readFile(template('runc-wrapper.sh')),
  ])
  const hash = createHash('sha256')
    .update(JSON.stringify([suite, packages, fetched, wrap]))
    .update(recipe)
    .update(wrapper)
    .digest('hex')
    .slice(0, 12)
  const path = join(cacheDirectory, 'rootfs', `${suite}-${hash}`)
  if (await exists(path)) return path
  await alone(path, report, async () => {
    if (await exists(path)) return
    report(`creating the root file system of the machines, Debian ${suite} (about a minute, once): ${path}`)
    const args = [path, suite, packages.join(','), wrap, template('runc-wrapper.sh'), fetched.join(' ')]
    await must(...inOwnMounts(template('base-rootfs.sh'), args), {
      onLine: throttled((line) => report(line.slice(0, 100)), 3_000),
    })
  })
  return path
}

/**
 * What machines stand on that have `more` packages from the start: the base root file system, and over it a
 * layer that has them, made once for each set of them. Their daemons have never run.
 * @returns the value of overlay's lowerdir
 */
export async function rootfsLayers(
  more: readonly string[],
  report: Report,
  suite: LabSuite = usual,
): Promise<string> {
  const base = await baseRootfs(report, suite)
  if (more.length === 0) return base
  const names = [...new Set(more)].sort()
  const script = template('packages-layer.sh')
  const hash = createHash('sha256')
    .update(JSON.stringify(names))
    .update(await readFile(script))
    .digest('hex')
    .slice(0, 12)
  const path = `${base}+${hash}`
  await alone(path, report, async () => {
    if (await exists(path)) return
    report(`making a root file system with ${names.join(', ')} (about half a minute, once): ${path}`)
    await must(...inOwnMounts(script, [base, path, ...names]), {
      onLine: throttled((line) => report(line.slice(0, 100)), 3_000),
    })
  })
  return `${path}:${base}`
}

/**
 * A script whose mounts end with its last process, also when that is killed: a namespace of its own holds them.
 * util-linux makes its mounts private.
 */
const inOwnMounts = (script: string, args: readonly string[]): [string, string[]] => [
  'unshare',
  ['--mount', 'sh', script, ...args],
]

/** CAP_SYS_RESOURCE (24) in the bounding set; without it runc cannot lower an oom score. */
async function canRaiseResources(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8')
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'
  return (BigInt(`0x${bounding}`) & (1n << 24n)) !== 0n
}
