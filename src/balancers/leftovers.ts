import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { haproxyFiles, haproxyUnit } from './haproxy/steps.js'
import { keepalivedFiles, keepalivedUnit } from './keepalived/keepalived.js'

/** Units by names that nobody but kubestrap gives, with their files. */
const ours = [
  { unit: keepalivedUnit, files: keepalivedFiles },
  { unit: haproxyUnit, files: haproxyFiles },
]

/**
 * No balancer runs on a machine that the inventory does not want there any more. (A manifest of kube-vip
 * stays: nothing tells one of ours from one that somebody made with kube-vip's own generator.)
 * @param wanted the machine's steps of the balancer that there is
 * @param needs by then nobody asks at the old balancer any more
 */
export function balancerLeftovers(
  host: Host,
  wanted: readonly Step[],
  needs: readonly Need[],
): Step<readonly string[]> {
  const unwanted = ours.filter(({ unit }) => !wanted.some(({ id }) => id === `service:${unit}`))
  return {
    id: 'balancer-leftovers',
    title: 'load balancers of before',
    target: host.name,
    needs,
    probe: async () => {
      const present = await Promise.all(
        unwanted.map(async ({ unit, files }) => {
          const states = await Promise.all(files.map((path) => host.stat(path)))
          return states.some(({ kind }) => kind !== 'absent') ? [unit] : []
        }),
      )
      return present.flat()
    },
    diff: (units) => units.map((unit) => ({ summary: `stop and remove ${unit}` })),
    apply: async (changes) => {
      for (const { unit, files } of unwanted.filter((one) =>
        changes.some(({ summary }) => summary.endsWith(` ${one.unit}`)),
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
