import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { balancers } from './all.js'
import type { Remains } from './balancer.js'

/** What any balancer puts on machines; what two of them have in common once. */
const parts: readonly Remains[] = [...new Set(balancers.flatMap(({ remains }) => remains))]

/**
 * No balancer runs on a machine that the inventory does not want there any more. What somebody made by other means stays.
 * @param wanted the machine's steps of the balancer that there is
 * @param needs by then nobody asks at the old balancer any more
 */
export function balancerLeftovers(
  host: Host,
  wanted: readonly Step[],
  needs: readonly Need[],
): Step<readonly string[]> {
  const unwanted = parts.filter(({ of }) => !wanted.some(({ id }) => of.includes(id)))
  return {
    id: 'balancer-leftovers',
    title: 'load balancers from an earlier inventory',
    target: host.name,
    needs,
    probe: async () => {
      const there = await Promise.all(unwanted.map((part) => isThere(host, part)))
      return unwanted.filter((_, i) => there[i]).map(nameOf)
    },
    diff: (found) =>
      found.map((what) => ({ kind: 'remove', subjects: [what], summary: `stop and remove ${what}` })),
    apply: async (changes) => {
      for (const part of unwanted)
        if (changes.some(({ subjects }) => subjects?.includes(nameOf(part)))) await remove(host, part)
    },
    disrupts: (changes) => (changes.length > 0 ? 'balancer' : undefined),
  }
}

/** What it is called in a plan: its unit, else its file. */
const nameOf = ({ by, files }: Remains): string => ('unit' in by ? by.unit : files.join(', '))

async function isThere(host: Host, { by, files }: Remains): Promise<boolean> {
  if ('unit' in by) {
    const states = await Promise.all(files.map((path) => host.stat(path)))
    return states.some(({ kind }) => kind !== 'absent')
  }
  const [state] = await Promise.all(files.map((path) => host.stat(path, { content: true })))
  return state?.kind === 'file' && state.content?.toString().startsWith(`${by.firstLine}\n`) === true
}

async function remove(host: Host, { by, files }: Remains): Promise<void> {
  if ('unit' in by)
    await host.mutate({
      what: `stop and remove ${by.unit}`,
      // the unit's file goes last: a cut in between is gone on with
      script: `unit=$1
shift
if [ -e "/etc/systemd/system/$unit" ]; then systemctl disable --quiet --now -- "$unit" || exit 1; fi
rm -f -- "$@" && systemctl daemon-reload`,
      args: [by.unit, ...files],
      timeoutMs: 60_000,
    })
  else
    await host.mutate({
      what: `remove ${files.join(', ')}`,
      script: 'rm -f -- "$@"',
      args: files,
      timeoutMs: 10_000,
    })
}
