import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alone } from '../alone.js'
import { cacheDirectory } from '../cache.js'
import { must } from '../command.js'
import { exists } from '../debian-packages.js'
import { type Report, throttled } from '../report.js'

const suite = 'bookworm'

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

const template = (name: string): string =>
  fileURLToPath(new URL(`../../../templates/lab/${name}`, import.meta.url))

/**
 * The root file system lab machines stand on; made once for each recipe and kept in the cache.
 * It appears under its name only when complete, so a cut leaves no half one.
 */
export async function baseRootfs(report: Report): Promise<string> {
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
    report(`making the machines' root file system (about a minute, once): ${path}`)
    const args = [path, suite, packages.join(','), wrap, template('runc-wrapper.sh'), fetched.join(' ')]
    await must('sh', [template('base-rootfs.sh'), ...args], {
      onLine: throttled((line) => report(line.slice(0, 100)), 3_000),
    })
  })
  return path
}

/** CAP_SYS_RESOURCE (24) in the bounding set; without it runc cannot lower an oom score. */
async function canRaiseResources(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8')
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'
  return (BigInt(`0x${bounding}`) & (1n << 24n)) !== 0n
}
