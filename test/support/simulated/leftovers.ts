import { createHash } from 'node:crypto'
import type { SimulatedHost } from './simulated-host.js'
import type { World } from './world.js'

/**
 * What a converged host must not have: restart marks, temporary files of ours, credentials of a join, and
 * anything that runs with other files than those that lie there now.
 */
export async function leftovers(world: World): Promise<string[]> {
  const found = await Promise.all(
    [...world.hosts.values()].map(async (host) => {
      const files = await host.run(
        `find / -xdev \\( -name '*.kubestrap-*' -o -name '*.kubestrap' -o -name '.pki.kubestrap' -o -name bootstrap-kubelet.conf \\) -print; find /run/kubestrap/restart -type f -print 2>/dev/null; exit 0`,
      )
      return [
        ...files.split('\n').filter(Boolean),
        ...host.kubelet.pods.outdated().map((what) => `outdated ${what}`),
        ...outdatedUnits(host).map((what) => `outdated ${what}`),
      ].map((what) => `${host.name}: ${what}`)
    }),
  )
  return found.flat()
}

/** Files that a unit read when it was started and that are others now. */
function outdatedUnits(host: SimulatedHost): string[] {
  const units = host.list('/run/simulated/units').filter((name) => name.endsWith('.read'))
  return units.flatMap((name) => {
    const unit = name.slice(0, -'.read'.length)
    const lines = (host.read(`/run/simulated/units/${name}`) ?? '').split('\n').filter(Boolean)
    return lines.flatMap((line) => {
      const [digest, path = ''] = line.split(/ +/)
      const now = createHash('sha256')
        .update(host.read(path) ?? '')
        .digest('hex')
      return now === digest ? [] : [`${unit}: ${path}`]
    })
  })
}
