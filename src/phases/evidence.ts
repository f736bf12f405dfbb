import { healthPorts } from '../kubernetes/manifests/health-ports.js'
import type { Context } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'
import type { Machine } from './machine.js'
import { isControlPlane } from './machine.js'

/** Long lines of logs are cut here. */
const width = 600

/**
 * What a machine tells of a kubelet, a static pod or an API that does not come: full disks, who holds the
 * ports, the containers that ended and their last words, and at the end what the kubelet complains of.
 * Only the last three quarters of a minute count, in which what is wrong now is said again, and what was
 * mended before is not blamed. "node … not found" is what every kubelet says before it is registered, many times a second.
 */
export async function nodeEvidence(context: Context, machine: Machine): Promise<string> {
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
( ${runtime.lastWordsScript}
) 2>&1 | cut -c1-${width}
systemctl show -p ActiveState -p SubState -p NRestarts "$1" 2>/dev/null | tr '\\n' ' '
echo
journalctl -u "$1" --since -45s -o cat --no-pager 2>/dev/null | grep -E '^[EF][0-9]{4} |^[^IW[:space:]].*([Ee]rror|fatal|panic)' | grep -vE 'node "[^"]*" not found|event.go:[0-9]+\\] |container &Container\\{' | tail -n 40 | cut -c1-${width}
exit 0
`,
    args: [kubeletUnit, ports.join(' ')],
    timeoutMs: 20_000,
  })
  return answer.stdout.toString()
}
