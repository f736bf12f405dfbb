import { healthPorts } from '../kubernetes/manifests/health-ports.js'
import { lastWordsScript } from '../runtimes/last-words.js'
import type { Context } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'
import type { Machine } from './machine.js'
import { isControlPlane } from './machine.js'

/** Long lines of logs are cut here. */
const width = 600

/** What counts as evidence. */
export interface EvidenceOf {
  /** How long ago the run began, milliseconds: what was said or ended before has another cause. */
  ageMs: number
  /** The containers that failed or may have brought it about; none for a kubelet alone, without it all of kube-system. */
  containers?: readonly string[]
}

/**
 * What a machine tells of a kubelet, a static pod or an API that does not come: full disks, who holds the
 * ports, what the kubelet complains of, and at the end the containers that ended and their last words. Nothing older
 * than the run counts, and of what runs only the last three quarters of a minute, in which what is wrong now is said
 * again. The journal is asked to take in first what a unit has said that just ended (--sync). "node … not found" is what
 * every kubelet says before it is registered, many times a second.
 */
export async function nodeEvidence(
  context: Context,
  machine: Machine,
  { ageMs, containers }: EvidenceOf,
): Promise<string> {
  const { spec, runtime } = context
  const ports = [
    10250,
    ...(isControlPlane(machine) ? [spec.apiServer.bindPort, 2379, 2380, ...Object.values(healthPorts)] : []),
  ]
  const answer = await machine.host.read({
    what: 'look for the cause',
    logged: true,
    script: `
df -Pk /var/lib /var/lib/docker /var/lib/containerd /var/lib/kubelet /var/lib/etcd /var/log /run /tmp 2>/dev/null | awk 'NR > 1 && $5 + 0 >= 98 && !seen[$6]++ { print "disk: " $6 " is " $5 " full" }'
ss -ltnpH 2>/dev/null | awk -v ports="$2" 'BEGIN { split(ports, p, " "); for (i in p) want[p[i]] = 1 } { n = split($4, a, ":"); if (want[a[n]]) print "listens: " $4 " " $6 }'
systemctl show -p ActiveState -p SubState -p NRestarts "$1" 2>/dev/null | tr '\\n' ' '
echo
timeout 5 journalctl --sync 2>/dev/null
journalctl -u "$1" --since "@$(($(date +%s) - ($4 < 45 ? $4 : 45)))" -o cat --no-pager 2>/dev/null | grep -E '^[EF][0-9]{4} |^[^IW[:space:]].*([Ee]rror|fatal|panic)' | grep -vE 'node "[^"]*" not found|event.go:[0-9]+\\] |container &Container\\{' | tail -n 40 | cut -c1-${width}
set -- "$3" "$4"
( ${lastWordsScript(runtime.containerFunctions)}
) 2>&1 | cut -c1-${width}
exit 0
`,
    args: [
      kubeletUnit,
      ports.join(' '),
      containers?.length === 0 ? '-' : (containers ?? []).join(' '),
      String(Math.ceil(ageMs / 1000)),
    ],
    timeoutMs: 20_000,
  })
  return answer.stdout.toString()
}
