import type { Facts, Interface } from './facts.js'
import { timeSyncFacts } from './time-sync-facts.js'

const arches: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' }

/**
 * Facts from the sections of the facts script. Pure.
 * @param text the script's output
 * @param asked our clock before the question and after the answer, milliseconds since the epoch
 */
export function parseFacts(text: string, asked: { before: number; after: number }): Facts {
  const sections = new Map<string, string>()
  for (const part of text.split(/^@(?=[a-z-]+$)/m).slice(1)) {
    const end = part.indexOf('\n')
    sections.set(part.slice(0, end), part.slice(end + 1).trim())
  }
  const get = (name: string): string => sections.get(name) ?? ''
  const lines = (name: string): string[] => get(name).split('\n').filter(Boolean)
  const os = keyValues(get('os'))
  const machine = get('arch')
  // of `df -Pk`: blocks of 1024 bytes, used, available
  const disk = (get('disk').split('\n').at(-1) ?? '').split(/\s+/)
  const diskMiB = (column: number): number => Math.round(Number(disk[column] ?? 0) / 1024) || 0
  return {
    hostname: get('hostname'),
    os: {
      id: os.get('ID') ?? 'unknown',
      like: (os.get('ID_LIKE') ?? '').split(' ').filter(Boolean),
      version: os.get('VERSION_ID') ?? '',
      name: os.get('PRETTY_NAME') ?? os.get('ID') ?? 'unknown',
    },
    container: get('container'),
    usrReadOnly: get('usr') === 'read-only',
    selinux: ({ 1: 'enforcing', 0: 'permissive', '': 'disabled' } as const)[get('selinux')] ?? 'unknown',
    firewalls: lines('firewalls').includes('unknown') ? 'unknown' : lines('firewalls'),
    timeSync: timeSyncFacts(lines('time-units'), get('time-synchronized'), lines('hypervisor-clocks')),
    arch: arches[machine] ?? machine,
    kernel: get('kernel'),
    init: get('init') === 'systemd' ? 'systemd' : 'other',
    booting: ['initializing', 'starting'].includes(get('state')),
    cgroup: get('cgroup') === 'cgroup2fs' ? 'v2' : 'v1',
    cpus: Number(get('cpus')) || 0,
    memoryMiB: Math.round(Number(/\d+/.exec(get('memory'))?.[0] ?? 0) / 1024),
    diskFreeMiB: diskMiB(3),
    diskSizeMiB: diskMiB(1),
    uid: Number(get('uid') || -1),
    ...readClock(get('time'), asked),
    addresses: lines('addresses').flatMap((line) => /\sinet6?\s([0-9a-f.:]+)/.exec(line)?.[1] ?? []),
    defaultAddress: /\bsrc ([0-9a-f.:]+)/.exec(get('route'))?.[1] ?? '',
    defaultInterface: /\bdev (\S+)/.exec(get('route'))?.[1] ?? '',
    interfaces: interfaces(lines('links'), lines('addresses')),
    machineId: get('machine-id'),
    productUuid: get('product-uuid'),
    macs: lines('links')
      .filter((line) => !/^\d+: (lo|docker|cni|veth|br-|virbr|flannel|cali)/.test(line))
      .flatMap((line) => /link\/ether ([0-9a-f:]{17})/.exec(line)?.[1] ?? []),
    resolvedActive: get('resolved') !== '',
    nameservers: lines('nameservers'),
    caDirectories: lines('ca'),
    kubernetes: get('kubernetes') !== '',
    ownUnits: lines('own-units'),
    listening: listeningPorts(lines('listening')),
    cgroupControllers: controllers(get('cgroup') === 'cgroup2fs', lines('controllers')),
    missingModules: lines('modules'),
    lacksForDownloads: lines('lacks-for-downloads'),
    downloads: lines('downloads'),
    nodeParts: lines('node-parts'),
    unreadRepositories: lines('unread-repositories').filter((id) => /^kubestrap-[a-z0-9-]+$/.test(id)),
    swaps: lines('swaps').flatMap((line) => /^(\/\S+)/.exec(line)?.[1] ?? []),
  }
}

/**
 * A machine's clock against ours. It was read at some moment of the round trip: the middle is taken for it.
 * @param seconds what `date +%s.%N` said
 */
export function readClock(
  seconds: string,
  { before, after }: { before: number; after: number },
): Pick<Facts, 'clockSkewMs' | 'clockUncertainMs'> {
  return {
    clockSkewMs: Math.round(Number(/^\d+(?:\.\d+)?/.exec(seconds)?.[0] ?? 0) * 1000 - (before + after) / 2),
    clockUncertainMs: Math.ceil((after - before) / 2),
  }
}

/** `ip -o link` gives names and sizes, `ip -o addr` the addresses. */
function interfaces(links: readonly string[], addresses: readonly string[]): Interface[] {
  return links.flatMap((line) => {
    const name = /^\d+: ([^:@\s]+)/.exec(line)?.[1]
    if (name === undefined) return []
    const own = addresses.flatMap((row) => {
      const match = /^\d+: (\S+)\s+inet6?\s([0-9a-f.:]+)/.exec(row)
      return match?.[1] === name && match[2] ? [match[2]] : []
    })
    return [{ name, mtu: Number(/\bmtu (\d+)/.exec(line)?.[1] ?? 0), addresses: own }]
  })
}

/**
 * Version 2 lists them in one line, and does devices and freezing itself, without a controller of that
 * name; version 1 in /proc/cgroups, whose fourth column says whether the kernel's command line left it on.
 */
function controllers(v2: boolean, rows: readonly string[]): string[] {
  if (v2) return rows.length > 0 ? [...rows.join(' ').split(/\s+/), 'devices', 'freezer'] : []
  return rows.flatMap((row) => {
    const [name, , , enabled] = row.split(/\s+/)
    return name && enabled === '1' ? [name] : []
  })
}

/** Ports in state LISTEN (0A) of /proc/net/tcp and tcp6; the port is hexadecimal after the address. */
function listeningPorts(rows: readonly string[]): number[] {
  const ports = rows.flatMap((row) => {
    const [, local, , state] = row.trim().split(/\s+/)
    return state === '0A' && local ? [Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] : []
  })
  return [...new Set(ports)].sort((a, b) => a - b)
}

/** os-release: shell assignments, optionally quoted; the first of a key wins (os-release(5): /etc before /usr/lib). */
function keyValues(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=("?)(.*)\2$/.exec(line)
    if (match?.[1] && !values.has(match[1])) values.set(match[1], match[3] ?? '')
  }
  return values
}
