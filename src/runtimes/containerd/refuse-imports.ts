import { UserError } from '../../lib/errors.js'
import { plainValue } from '../../lib/plain-value.js'
import { certsDirectory } from './hosts-toml.js'
import type { Imported } from './imports.js'

/** What kubestrap's part of config.toml is to say in the end. */
export interface Wanted {
  cgroupDriver: 'cgroupfs' | 'systemd'
  pauseImage: string
  registries: boolean
  /** containerd 1 or 2; undefined where that is not known. */
  major: number | undefined
}

type Table = Record<string, unknown>

/** Where layouts 2 and 3 have what kubestrap sets. */
const layouts = [
  {
    sandbox: ['io.containerd.grpc.v1.cri', 'sandbox_image'],
    registry: ['io.containerd.grpc.v1.cri', 'registry'],
    runc: ['io.containerd.grpc.v1.cri', 'containerd', 'runtimes', 'runc'],
    cni: ['io.containerd.grpc.v1.cri', 'cni'],
  },
  {
    sandbox: ['io.containerd.cri.v1.images', 'pinned_images', 'sandbox'],
    registry: ['io.containerd.cri.v1.images', 'registry'],
    runc: ['io.containerd.cri.v1.runtime', 'containerd', 'runtimes', 'runc'],
    cni: ['io.containerd.cri.v1.runtime', 'cni'],
  },
] as const

/** Names of the CRI plug-in in disabled_plugins. */
const cri = /^(?:cri|io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.(?:runtime|images))$/

/**
 * A file that config.toml imports takes precedence over it. containerd 1 replaces the whole section of a plug-in by that of the
 * later file, containerd 2 merges key by key (config.go, mergeConfig). Throws UserError('step') for the first file after
 * which the cgroup driver, the pause image, the CNI directories or the registries are not those of config.toml.
 */
export function refuseImports(imported: readonly Imported[], wanted: Wanted, host: string): void {
  for (const { path, table } of imported) {
    const found = overrides(table, wanted)
    if (found === undefined) continue
    throw new UserError(
      'step',
      `${path} overrides ${found.what}, which /etc/containerd/config.toml needs to set`,
      {
        host,
        why: `${found.why}; config.toml imports ${path}, and imported files take precedence`,
        next: found.next(path),
      },
    )
  }
}

interface Override {
  what: string
  why: string
  next(path: string): string
}

const remove = (what: string) => (path: string) =>
  `remove ${what} from ${path}: kubestrap sets it in /etc/containerd/config.toml`

function overrides(table: Table, wanted: Wanted): Override | undefined {
  const disabled = Array.isArray(table.disabled_plugins) ? table.disabled_plugins.map(plainValue) : []
  const off = disabled.find((name) => cri.test(name))
  if (off !== undefined)
    return { what: 'disabled_plugins', why: `it disables ${off}`, next: remove(`${off} of disabled_plugins`) }
  const plugins = at(table, ['plugins'])
  for (const layout of layouts) {
    const value = (path: readonly string[]): unknown => at(plugins, path)
    // of a section that is replaced, what it does not say is containerd's default
    const whole = (path: readonly string[]): boolean =>
      (wanted.major ?? 1) < 2 && at(plugins, path.slice(0, 1)) !== undefined
    const sandbox = value(layout.sandbox)
    if (sandbox === undefined ? whole(layout.sandbox) : sandbox !== wanted.pauseImage)
      return said('the pause image', layout.sandbox, sandbox, wanted.pauseImage)
    const systemd = value([...layout.runc, 'options', 'SystemdCgroup'])
    const wantsSystemd = wanted.cgroupDriver === 'systemd'
    if (systemd === undefined ? whole(layout.runc) && wantsSystemd : systemd !== wantsSystemd)
      return said('the cgroup driver', [...layout.runc, 'options', 'SystemdCgroup'], systemd, wantsSystemd)
    for (const [key, place] of [
      ['bin_dir', '/opt/cni/bin'],
      ['conf_dir', '/etc/cni/net.d'],
    ] as const) {
      const directory = value([...layout.cni, key])
      if (directory !== undefined && directory !== '' && directory !== place)
        return said('the directories of CNI', [...layout.cni, key], directory, place)
    }
    const dirs = value([...layout.cni, 'bin_dirs'])
    if (Array.isArray(dirs) && (wanted.major ?? 1) < 2 && !dirs.includes('/opt/cni/bin'))
      return said('the directories of CNI', [...layout.cni, 'bin_dirs'], dirs, '/opt/cni/bin')
    const registry = registryOverride(value(layout.registry), layout.registry, whole(layout.registry), wanted)
    if (registry) return registry
  }
  return undefined
}

/** containerd does not start with mirrors or TLS in the old way beside config_path, which kubestrap sets. */
function registryOverride(
  registry: unknown,
  path: readonly string[],
  whole: boolean,
  { registries }: Wanted,
): Override | undefined {
  const config = at(registry, ['config_path'])
  const mirrors = Object.keys(at(registry, ['mirrors']) ?? {})
  if (mirrors.length > 0 && (registries || !whole))
    return {
      what: 'the registries',
      why: `it has ${[...path, 'mirrors'].join('.')} (${mirrors.join(', ')}), beside which config_path cannot be set`,
      next: (file) => `move them from ${file} to the inventory (registries:)`,
    }
  const paths = typeof config === 'string' ? config.split(':') : undefined
  if (registries && (paths === undefined ? whole : !paths.includes(certsDirectory)))
    return said('the registries', [...path, 'config_path'], config, certsDirectory)
  return undefined
}

function said(what: string, path: readonly string[], is: unknown, wanted: unknown): Override {
  const key = path.slice(1).join('.')
  const section = `plugins."${path[0]}"`
  return is === undefined
    ? {
        what,
        why: `it has ${section} without ${key}, and containerd 1 replaces the whole section by it`,
        next: (file) =>
          `move ${section} from ${file} to /etc/containerd/config.toml, or set ${key} = ${JSON.stringify(wanted)} there too`,
      }
    : {
        what,
        why: `it has ${section}, ${key} = ${JSON.stringify(is)}; needed is ${JSON.stringify(wanted)}`,
        next: remove(key),
      }
}

/** What stands at a path below a table; undefined when nothing does. */
function at(table: unknown, path: readonly string[]): unknown {
  let here = table
  for (const name of path) here = isTable(here) ? here[name] : undefined
  return here
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
