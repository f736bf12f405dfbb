import { parse, stringify } from 'smol-toml'
import { messageOf, UserError } from '../../lib/errors.js'
import { plainValue } from '../../lib/plain-value.js'
import { certsDirectory } from './hosts-toml.js'

export interface ContainerdSettings {
  cgroupDriver: 'cgroupfs' | 'systemd'
  /** The release's pause image: containerd has a default of its own, and without a registry nothing starts. */
  pauseImage: string
  /** containerd 1 or 2, there or about to be; undefined where that is not known. */
  major: number | undefined
  /** Whether the inventory says anything of registries. */
  registries: boolean
}

type Table = Record<string, unknown>

/** Names of the CRI plug-in in disabled_plugins; Docker's containerd.io package disables it. */
const criNames = [
  'cri',
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.runtime',
  'io.containerd.cri.v1.images',
]

const cniBin = '/opt/cni/bin'

/**
 * /etc/containerd/config.toml with what Kubernetes needs; everything else in it is the user's and stays
 * (its comments do not, when something has to change). Pure and idempotent. Layouts: version 2
 * (containerd 1.x; 2.x reads it too), and version 3 (2.x) where the file has it already or there is none.
 * Throws UserError('step') for a file that cannot be read, that this containerd cannot read, that has layout 1
 * with settings in it, or that says in the old way what the inventory says of registries.
 */
export function withContainerdSettings(text: string, settings: ContainerdSettings, host: string): string {
  const before = parsed(text, host)
  const after: Table = structuredClone(before)
  if (before.version === undefined)
    after.version = Object.keys(before).length === 0 && (settings.major ?? 1) >= 2 ? 3 : 2
  if (after.version === 3 && settings.major === 1)
    throw new UserError('step', '/etc/containerd/config.toml has the layout of containerd 2', {
      host,
      why: 'it sets version = 3, and containerd on this host is 1.x',
      next: 'move the file away, so that kubestrap creates a new one; or install containerd 2',
    })
  const disabled = Array.isArray(before.disabled_plugins) ? before.disabled_plugins : []
  if (disabled.some((name) => criNames.includes(plainValue(name))))
    after.disabled_plugins = disabled.filter((name) => !criNames.includes(plainValue(name)))
  const plugins = within(after, 'plugins')
  if (after.version === 3) {
    const images = within(plugins, 'io.containerd.cri.v1.images')
    const runtime = within(plugins, 'io.containerd.cri.v1.runtime')
    within(images, 'pinned_images').sandbox = settings.pauseImage
    registryDirectory(images, settings, host)
    runc(runtime, settings)
    cniOfVersion3(runtime)
  } else {
    const cri = within(plugins, 'io.containerd.grpc.v1.cri')
    cri.sandbox_image = settings.pauseImage
    Object.assign(within(cri, 'cni'), { bin_dir: cniBin, conf_dir: '/etc/cni/net.d' })
    registryDirectory(cri, settings, host)
    runc(cri, settings)
  }
  return JSON.stringify(after) === JSON.stringify(before) ? text : `${stringify(after).trimEnd()}\n`
}

function runc(plugin: Table, { cgroupDriver }: ContainerdSettings): void {
  const table = within(plugin, 'containerd', 'runtimes', 'runc')
  table.runtime_type ??= 'io.containerd.runc.v2'
  within(table, 'options').SystemdCgroup = cgroupDriver === 'systemd'
}

/** 2.0 knows bin_dir, from 2.1 on it is bin_dirs; the default of both has ours in it. */
function cniOfVersion3(runtime: Table): void {
  const cni = isTable(runtime.cni) ? runtime.cni : {}
  if (Array.isArray(cni.bin_dirs) && !cni.bin_dirs.includes(cniBin)) cni.bin_dirs = [...cni.bin_dirs, cniBin]
  if (typeof cni.bin_dir === 'string' && cni.bin_dir !== '' && cni.bin_dir !== cniBin) cni.bin_dir = cniBin
  if (cni.conf_dir !== undefined) cni.conf_dir = '/etc/cni/net.d'
}

/**
 * Registries are looked up in files at each pull, so that a change of them needs no restart. containerd does
 * not start with that beside mirrors or TLS in the old way; a user's own of these stay as long as the inventory
 * has nothing of the kind.
 */
function registryDirectory(plugin: Table, { registries }: ContainerdSettings, host: string): void {
  const had = isTable(plugin.registry) ? plugin.registry : {}
  const configs = isTable(had.configs) ? Object.values(had.configs) : []
  const old = [
    ...(isTable(had.mirrors) && Object.keys(had.mirrors).length > 0 ? ['registry.mirrors'] : []),
    ...(configs.some((one) => isTable(one) && one.tls !== undefined) ? ['registry.configs.….tls'] : []),
  ]
  if (old.length > 0 && registries)
    throw new UserError('step', `/etc/containerd/config.toml configures registries (${old.join(', ')})`, {
      host,
      why: 'containerd reads registries either from this file or from a directory, which kubestrap uses for those of the inventory',
      next: 'move them to the inventory (registries:) and remove them from that file',
    })
  if (old.length > 0) return
  const registry = within(plugin, 'registry')
  const paths =
    typeof registry.config_path === 'string' ? registry.config_path.split(':').filter(Boolean) : []
  if (!paths.includes(certsDirectory)) registry.config_path = [certsDirectory, ...paths].join(':')
}

function parsed(text: string, host: string): Table {
  let table: Table
  try {
    table = parse(text)
  } catch (error) {
    throw new UserError('step', '/etc/containerd/config.toml cannot be read as TOML', {
      host,
      why: messageOf(error),
      next: 'fix or remove the file; kubestrap adds its settings to it',
    })
  }
  if (table.version === 1 || (table.version === undefined && table.plugins !== undefined))
    throw new UserError('step', '/etc/containerd/config.toml has the layout of version 1', {
      host,
      next: 'migrate it to version 2 (containerd config migrate), or move it away',
    })
  return table
}

/** The table at a path below another; made where there is none. */
function within(table: Table, ...path: readonly string[]): Table {
  let here = table
  for (const name of path) {
    const next = here[name]
    if (isTable(next)) here = next
    else {
      const made: Table = {}
      here[name] = made
      here = made
    }
  }
  return here
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
