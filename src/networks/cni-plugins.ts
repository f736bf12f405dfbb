import type { Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { OperatingSystem } from '../os/os.js'
import { symlink } from '../resources/symlink.js'

/** The distribution's CNI plug-ins where the kubelet's runtimes look for them. */
export function cniPlugins(host: Host, os: OperatingSystem, names: readonly string[]): Step[] {
  return names.map((name) =>
    symlink(host, `/opt/cni/bin/${name}`, `${os.cniPluginDirectory}/${name}`, [`${host.name}/@packages`]),
  )
}
