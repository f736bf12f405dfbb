import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import { isBug } from '../../lib/errors.js'
import type { Runtime } from '../../runtimes/runtime.js'
import { shortly } from '../look.js'
import type { Entry } from './archive.js'

/** Units whose state and journal tell of a cluster; those that a host does not have are left out. */
const units = [
  kubeletUnit,
  'containerd.service',
  'docker.service',
  'cri-docker.service',
  'kubestrap-etcd.service',
  'kubestrap-bridge.service',
  'kubestrap-haproxy.service',
  'kubestrap-keepalived.service',
]

/** The last lines of each journal, and of each container's log. */
const journalLines = 500
const containerLines = 200
/** Containers of a node that are looked at. */
const mostContainers = 40
/** Longer lines are cut on the host. */
const width = 2_000

const unitsScript = `for unit in "$@"; do
state=$(systemctl show -p Id -p LoadState -p ActiveState -p SubState -p NRestarts -p ExecMainStatus -p ActiveEnterTimestamp "$unit" 2>/dev/null | tr '\\n' ' ')
case $state in *LoadState=not-found*|'') ;; *) printf '%s\\n' "$state" ;; esac
done
printf '\\nfailed units:\\n'; systemctl --failed --no-legend --no-pager 2>/dev/null
exit 0`

const journalScript = `timeout 20 journalctl -u "$1" -n "$2" --no-pager -o short-iso 2>&1 | cut -c1-${width}
exit 0`

const systemScript = `for look in 'uname -a' 'df -h' 'df -i' 'free -m' 'ip -br address' 'ip route' 'ss -ltn' 'timedatectl show'; do
printf '\\n$ %s\\n' "$look"; timeout 5 $look 2>&1 | head -n 200 | cut -c1-${width}
done
exit 0`

/** A word that the host cut may be a part of a secret, which nothing recognizes. */
const withoutCutWords = (text: string): string =>
  text
    .split('\n')
    .map((line) => (Buffer.byteLength(line) >= width - 4 ? line.replace(/\S*$/, '[cut]') : line))
    .join('\n')

/** Each container's newest, its state and the end of its log; a line "@ NAME" begins each. */
const containersScript = (functions: string): string => `${functions}
found=$(system_containers) || { echo 'the container runtime did not list its containers'; exit 0; }
printf '%s\\n' "$found" | head -n ${mostContainers * 4} | awk '$1 != "" && !seen[$1]++' | head -n ${mostContainers} | while read -r name _ id state code _ at; do
printf '@ %s\\n%s, exit code %s, ended %s\\n' "$name" "$state" "$code" "$at"
container_log "$id" | tail -n ${containerLines} | cut -c1-${width}
done
exit 0`

/**
 * What one machine tells of itself: facts, states of units, journals, container logs, disks and addresses. Looks that fail are
 * an entry of their own, with the reason. Rejects for a bug only.
 */
export async function hostEntries({ host, spec, facts }: Machine, runtime: Runtime): Promise<Entry[]> {
  const at = `hosts/${spec.name}`
  const asked = async (name: string, script: string, args: readonly string[] = []): Promise<Entry[]> => {
    try {
      const { stdout, stderr } = await host.read({
        what: `support bundle: ${name}`,
        script,
        args,
        timeoutMs: 60_000,
      })
      const text = withoutCutWords(`${stdout.toString()}${stderr}`)
      return /^(?:-- No entries --)?\s*$/.test(text) ? [] : [{ name: `${at}/${name}.txt`, text }]
    } catch (error) {
      if (isBug(error)) throw error
      return [{ name: `${at}/${name}.failed.txt`, text: `could not look: ${shortly(error)}\n` }]
    }
  }
  const looks = await Promise.all([
    asked('units', unitsScript, units),
    asked('system', systemScript),
    asked('containers', containersScript(runtime.containerFunctions)),
    ...units.map((unit) =>
      asked(`journal-${unit.replace(/\.service$/, '')}`, journalScript, [unit, String(journalLines)]),
    ),
  ])
  return [{ name: `${at}/facts.json`, json: facts }, ...looks.flat()]
}
