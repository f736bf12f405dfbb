import { parse, stringify } from 'smol-toml'
import { UserError } from '../../lib/errors.js'

export interface ContainerdSettings {
  cgroupDriver: 'cgroupfs' | 'systemd'
  /** The release's pause image: containerd has a default of its own, and without a registry nothing starts. */
  pauseImage: string
}

type Table = Record<string, unknown>

/** Names of the CRI plug-in in disabled_plugins; Docker's containerd.io package disables it. */
const criNames = [
  'cri',
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.runtime',
  'io.containerd.cri.v1.images',
]

/**
 * /etc/containerd/config.toml with what Kubernetes needs; everything else in it is the user's and stays
 * (its comments do not, when something has to change). Pure and idempotent. Layouts: version 2
 * (containerd 1.x; 2.x reads it too), and version 3 where the file has it already.
 * Throws UserError('step') for a file that cannot be read or has layout 1 with settings in it.
 */
export function withContainerdSettings(text: string, settings: ContainerdSettings, host: string): string {
  const before = parsed(text, host)
  const after: Table = structuredClone(before)
  if (before.version === undefined) after.version = 2
  const disabled = Array.isArray(before.disabled_plugins) ? before.disabled_plugins : []
  if (disabled.some((name) => criNames.includes(String(name))))
    after.disabled_plugins = disabled.filter((name) => !criNames.includes(String(name)))
  const runc = (runtime: Table): void => {
    const table = within(runtime, 'containerd', 'runtimes', 'runc')
    table.runtime_type ??= 'io.containerd.runc.v2'
    within(table, 'options').SystemdCgroup = settings.cgroupDriver === 'systemd'
  }
  const plugins = within(after, 'plugins')
  if (after.version === 3) {
    within(plugins, 'io.containerd.cri.v1.images', 'pinned_images').sandbox = settings.pauseImage
    runc(within(plugins, 'io.containerd.cri.v1.runtime'))
  } else {
    const cri = within(plugins, 'io.containerd.grpc.v1.cri')
    cri.sandbox_image = settings.pauseImage
    Object.assign(within(cri, 'cni'), { bin_dir: '/opt/cni/bin', conf_dir: '/etc/cni/net.d' })
    runc(cri)
  }
  return JSON.stringify(after) === JSON.stringify(before) ? text : `${stringify(after).trimEnd()}\n`
}

function parsed(text: string, host: string): Table {
  let table: Table
  try {
    table = parse(text)
  } catch (error) {
    throw new UserError('step', '/etc/containerd/config.toml cannot be read as TOML', {
      host,
      why: error instanceof Error ? error.message : String(error),
      next: 'mend or remove the file; kubestrap adds its settings to it',
    })
  }
  if (table.version === 1 || (table.version === undefined && table.plugins !== undefined))
    throw new UserError('step', '/etc/containerd/config.toml has the layout of version 1', {
      host,
      next: 'take it to version 2 (containerd config migrate), or move it away',
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
