import { cp1, type MachineName, names, on } from './e2e-lab.js'

/** What of a machine must not change when nothing is to change: seen from outside kubestrap. */
export interface MachineSnapshot {
  /** inode and ctime by path: all of /etc, and whatever else kubestrap writes. */
  files: Record<string, string>
  /** When units started, monotonic microseconds. */
  units: Record<string, string>
  /** Running containers and when they started; dead ones are the kubelet's to clear away whenever it likes. */
  containers: Record<string, string>
}

export interface Snapshot {
  machines: Record<string, MachineSnapshot>
  /** resourceVersion by object; for nodes and pods, whose status comes when their kubelet likes, what is not status. */
  objects: Record<string, string>
  /** Objects that are being deleted; a namespace can look alike for many seconds before it is gone. */
  leaving: string[]
}

const managed = [
  '/etc',
  '/usr/bin/kubelet',
  '/usr/bin/kubectl',
  '/opt/cni',
  '/usr/local/lib/kubestrap',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/var/lib/kubelet/pki',
  '/root/.kube',
  '/var/lib/kubestrap',
  '/var/lib/etcd',
]

const machineScript = `
echo @files; find ${managed.join(' ')} -path /var/lib/etcd/member -prune -o -printf '%p\\t%i %C@\\n' 2>/dev/null
echo @units; for u in kubelet docker containerd kubestrap-bridge; do printf '%s\\t%s\\n' $u "$(systemctl show -p ExecMainStartTimestampMonotonic --value $u)"; done
echo @containers; docker ps -q --no-trunc | xargs -r docker inspect -f '{{.Name}}{{"\\t"}}{{.Id}} {{.State.StartedAt}}'
`

// HOME elsewhere: kubectl's cache in ~/.kube is of our looking, not of what is looked at
const objectScript = `
export KUBECONFIG=/etc/kubernetes/admin.conf HOME=/tmp/kubectl-of-tests
kinds=$(kubectl api-resources --verbs=list -o name | grep -v -e '^events' -e '^leases' -e '^nodes$' -e '^pods$' -e componentstatuses | paste -sd,)
kubectl get "$kinds" -A -o jsonpath='{range .items[*]}{.apiVersion} {.kind}/{.metadata.namespace}/{.metadata.name}{"\\t"}{.metadata.uid} {.metadata.resourceVersion}{"\\t"}{.metadata.deletionTimestamp}{"\\n"}{end}' 2>/dev/null
kubectl get nodes -o jsonpath='{range .items[*]}v1 Node//{.metadata.name}{"\\t"}{.metadata.uid} {.metadata.labels} {.metadata.annotations} {.spec}{"\\t"}{.metadata.deletionTimestamp}{"\\n"}{end}'
kubectl get pods -A -o jsonpath='{range .items[*]}v1 Pod/{.metadata.namespace}/{.metadata.name}{"\\t"}{.metadata.uid} {.metadata.labels} {.metadata.annotations} {.spec}{"\\t"}{.metadata.deletionTimestamp}{"\\n"}{end}'
`

export async function snapshot(): Promise<Snapshot> {
  const [objects, ...machines] = await Promise.all([on(cp1, objectScript), ...names.map(machineSnapshot)])
  return {
    machines: Object.fromEntries(names.map((name, i) => [name, machines[i] ?? empty])),
    objects: pairs(objects ?? ''),
    leaving: (objects ?? '').split('\n').flatMap((line) => {
      const [key = '', , deleted = ''] = line.split('\t')
      return deleted === '' ? [] : [key]
    }),
  }
}

const empty: MachineSnapshot = { files: {}, units: {}, containers: {} }

/** A machine as it is now. */
export async function machineSnapshot(name: MachineName): Promise<MachineSnapshot> {
  const text = await on(name, machineScript)
  const part = (title: string): Record<string, string> =>
    pairs(text.split(`@${title}\n`)[1]?.split(/^@/m)[0] ?? '')
  return { files: part('files'), units: part('units'), containers: part('containers') }
}

function pairs(text: string): Record<string, string> {
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line): [string, string] => {
      const [key = '', ...rest] = line.split('\t')
      return [key, rest.join('\t')]
    })
  return Object.fromEntries(rows)
}

/** Keys that differ between two records. */
export function differing(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .sort()
}
