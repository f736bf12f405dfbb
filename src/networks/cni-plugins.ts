import type { Step } from '../engine/step.js'
import { archiveRecords } from '../host/download-script.js'
import type { Host } from '../host/host.js'
import type { OperatingSystem } from '../os/os.js'
import { symlink } from '../resources/symlink.js'

/** Where the kubelet's runtimes look for CNI plug-ins. */
const directory = '/opt/cni/bin'

/** What a download put there (sources.cniPlugins). */
const record = `${archiveRecords}/cniPlugins`

/** The distribution's CNI plug-ins where the kubelet's runtimes look for them. */
export function cniPlugins(host: Host, os: OperatingSystem, names: readonly string[]): Step[] {
  if (os.cniPluginDirectory === directory) return []
  return names.map((name) =>
    symlink(
      host,
      `${directory}/${name}`,
      `${os.cniPluginDirectory}/${name}`,
      [`${host.name}/@packages`],
      record,
    ),
  )
}
