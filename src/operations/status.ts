import { createEtcdClient, type EtcdMember } from '../kubernetes/client/etcd.js'
import { textAt } from '../kubernetes/read.js'
import { Secret } from '../lib/secret.js'
import { type Context, controlPlanes } from '../phases/context.js'
import type { Machine } from '../phases/machine.js'
import { certificatePath, keyPath } from '../phases/pki/paths.js'

export interface CertificateRow {
  host: string
  /** "apiserver", "admin.conf", "ca" … */
  name: string
  /** When it ends. */
  expires: Date
}

export interface EtcdRow {
  /** The member's name, or its peer URL while it has not started. */
  name: string
  endpoint: string
  state: 'leader' | 'follower' | 'learner' | 'does not answer'
  version: string
  /** Bytes. */
  size: number
  /** Alarms, or why it does not answer. */
  detail: string
}

// Of every file the certificates only, one after the other; keys stay where they are.
const certificatesScript = `
cd /etc/kubernetes || exit 0
for f in pki/*.crt pki/etcd/*.crt; do
  [ -f "$f" ] && { n=\${f#pki/}; echo "@ \${n%.crt}"; cat -- "$f"; }
done
for f in *.conf; do
  [ -f "$f" ] || continue
  c=$(sed -n 's/^ *client-certificate-data: *//p' "$f" | head -n 1)
  [ -n "$c" ] && { echo "@ $f"; printf %s "$c" | base64 -d; echo; }
done
f=/var/lib/kubelet/pki/kubelet-client-current.pem
[ -f "$f" ] && { echo "@ kubelet.conf"; sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$f"; }
exit 0
`

/** Every certificate kubeadm knows, on every machine, with its end. */
export async function certificates(
  context: Context,
  expiryOf: (pem: string) => Date,
): Promise<CertificateRow[]> {
  const perHost = await Promise.all(
    context.machines.map(async ({ host }) => {
      const answer = await host.read({ script: certificatesScript })
      return answer.stdout
        .toString()
        .split(/^@ /m)
        .slice(1)
        .map((part): CertificateRow => {
          const [name = '', ...pem] = part.split('\n')
          return { host: host.name, name, expires: expiryOf(pem.join('\n')) }
        })
    }),
  )
  return perHost.flat().filter(({ host, name }) => !isCopy(context, host, name))
}

/** Workers carry the cluster's authority too. */
function isCopy({ machines }: Context, host: string, name: string): boolean {
  const machine = machines.find(({ spec }) => spec.name === host)
  return name === 'ca' && machine?.spec.roles.includes('control-plane') === false
}

/** Etcd's members as they see each other; [] for an etcd that is not kubestrap's. Never throws for one that is down. */
export async function etcdMembers(context: Context): Promise<EtcdRow[]> {
  if (context.spec.etcd.external) return []
  const asked = await Promise.all(
    controlPlanes(context).map((machine) =>
      askMember(machine).catch((error: unknown) => ({ machine, error: String(error) })),
    ),
  )
  const alive = asked.flatMap((one) => ('status' in one ? [one] : []))
  const [witness] = alive
  if (!witness)
    return asked.map((one) => ({
      name: one.machine.spec.name,
      endpoint: one.machine.spec.address,
      state: 'does not answer',
      version: '',
      size: 0,
      detail: 'error' in one ? one.error : '',
    }))
  return witness.members.map((member): EtcdRow => {
    const own = alive.find(({ machine }) => addresses(member).includes(machine.spec.address))
    const silent = asked.find((one) => addresses(member).includes(one.machine.spec.address))
    const name = member.name || member.peerUrls[0] || member.id
    const endpoint = member.clientUrls[0] ?? member.peerUrls[0] ?? ''
    if (!own)
      return {
        name,
        endpoint,
        state: 'does not answer',
        version: '',
        size: 0,
        detail: silent && 'error' in silent ? silent.error : 'on no control plane of the inventory',
      }
    const { version, size, leader, errors } = own.status
    const state = member.learner ? 'learner' : leader === member.id ? 'leader' : 'follower'
    return { name, endpoint, state, version, size, detail: errors.join('; ') }
  })
}

async function askMember(machine: Machine) {
  const { host, spec } = machine
  const client = 'etcd/healthcheck-client'
  const read = await host.read({
    script: 'for f in "$@"; do cat -- "$f" || exit 1; echo @; done',
    args: [certificatePath('etcd/ca'), certificatePath(client), keyPath(client)],
  })
  if (read.code !== 0) throw new Error(`its certificates cannot be read: ${read.stderr.trim()}`)
  const [ca = '', cert = '', key = ''] = read.stdout.toString().split('@\n')
  const etcd = createEtcdClient(() => host.connection.openTcp(spec.address, 2379), {
    ca,
    cert,
    key: new Secret(key),
  })
  try {
    const [members, status] = await Promise.all([etcd.members(), etcd.status()])
    return { machine, members, status }
  } finally {
    etcd.close()
  }
}

const addresses = ({ peerUrls }: EtcdMember): string[] =>
  peerUrls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''))

/** Who leads: "kube-scheduler" → "cp1". */
export async function leaders(context: Context): Promise<[component: string, holder: string][]> {
  const kube = await context.kube()
  return Promise.all(
    ['kube-scheduler', 'kube-controller-manager'].map(async (name): Promise<[string, string]> => {
      const lease = await kube.get({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace: 'kube-system' },
      })
      return [name, textAt(lease, 'spec', 'holderIdentity').split('_')[0] || 'nobody']
    }),
  )
}
