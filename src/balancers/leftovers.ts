import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { haproxyFiles, haproxyUnit } from './haproxy/steps.js'
import { keepalivedFiles, keepalivedUnit } from './keepalived/keepalived.js'
import { kubeVipMark, manifestPath } from './kube-vip/kube-vip.js'

/** Units by names that nobody but kubestrap gives, with their files. */
const ours = [
  { unit: keepalivedUnit, files: keepalivedFiles },
  { unit: haproxyUnit, files: haproxyFiles },
]

/**
 * No balancer runs on a machine that the inventory does not want there any more. A manifest of kube-vip that
 * somebody made with kube-vip's own generator stays.
 * @param wanted the machine's steps of the balancer that there is
 * @param needs by then nobody asks at the old balancer any more
 */
export function balancerLeftovers(
  host: Host,
  wanted: readonly Step[],
  needs: readonly Need[],
): Step<readonly string[]> {
  const unwanted = ours.filter(({ unit }) => !wanted.some(({ id }) => id === `service:${unit}`))
  const vipWanted = wanted.some(({ id }) => id === `file:${manifestPath}` || id === 'manifest:kube-vip')
  return {
    id: 'balancer-leftovers',
    title: 'load balancers from an earlier inventory',
    target: host.name,
    needs,
    probe: async () => {
      const [manifest, ...present] = await Promise.all([
        vipWanted ? undefined : host.stat(manifestPath, { content: true }),
        ...unwanted.map(async ({ unit, files }) => {
          const states = await Promise.all(files.map((path) => host.stat(path)))
          return states.some(({ kind }) => kind !== 'absent') ? [unit] : []
        }),
      ])
      const text = manifest?.kind === 'file' ? (manifest.content?.toString() ?? '') : ''
      return [...(text.startsWith(kubeVipMark) ? [manifestPath] : []), ...present.flat()]
    },
    diff: (found) =>
      found.map((what) => ({ kind: 'remove', subjects: [what], summary: `stop and remove ${what}` })),
    apply: async (changes) => {
      if (changes.some(({ subjects }) => subjects?.includes(manifestPath)))
        await host.mutate({
          what: `remove ${manifestPath}`,
          script: 'rm -f -- "$1"',
          args: [manifestPath],
          timeoutMs: 10_000,
        })
      for (const { unit, files } of unwanted.filter((one) =>
        changes.some(({ subjects }) => subjects?.includes(one.unit)),
      ))
        await host.mutate({
          what: `stop and remove ${unit}`,
          // the unit's file goes last: a cut in between is gone on with
          script: `unit=$1
shift
if [ -e "/etc/systemd/system/$unit" ]; then systemctl disable --quiet --now -- "$unit" || exit 1; fi
rm -f -- "$@" && systemctl daemon-reload`,
          args: [unit, ...files],
          timeoutMs: 60_000,
        })
    },
    disrupts: (changes) => (changes.length > 0 ? 'balancer' : undefined),
  }
}
