import type { Context } from '../cluster/context.js'
import { UserError } from '../lib/errors.js'
import { type CertificateFacts, readCertificate } from '../pki/read-certificate.js'
import { isDue } from '../pki/renewal.js'

/** Who renews a certificate when its time has come. */
export type Renewer = 'up' | 'kubelet' | 'nobody'

export interface CertificateRow {
  host: string
  /** "apiserver", "admin.conf", "ca" … */
  name: string
  /** When it expires; undefined when what lies there is no certificate. */
  expires: Date | undefined
  state: 'valid' | 'due' | 'expired' | 'unreadable'
  renewedBy: Renewer
}

/** Of every file below "$1", and of the kubelet's "$2", the certificates only, one after the other; keys stay where they are. POSIX sh. */
export const certificatesScript = `
[ -d "$1" ] || { echo @end; exit 0; }
cd "$1" || exit 1
# a directory that cannot be read is none without certificates
for d in . pki pki/etcd; do [ ! -d $d ] || ls $d >/dev/null || exit 1; done
for f in pki/*.crt pki/etcd/*.crt; do
  [ -f "$f" ] || continue
  n=\${f#pki/}
  echo "@ \${n%.crt}"
  cat -- "$f" || exit 1
  echo
done
for f in *.conf; do
  [ -f "$f" ] || continue
  c=$(sed -n 's/^ *client-certificate-data: *//p' "$f") || exit 1
  [ -n "$c" ] || continue
  echo "@ $f"
  # what is no base64 is no certificate, and told as that
  printf '%s\\n' "$c" | head -n 1 | base64 -d 2>/dev/null
  echo
done
f=$2
if [ -f "$f" ]; then
  echo "@ kubelet.conf"
  sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$f" || exit 1
fi
echo @end
`

/** Every certificate kubeadm knows, on every machine, with its end. */
export async function certificateRows(context: Context): Promise<CertificateRow[]> {
  const perHost = await Promise.all(
    context.machines.map(async ({ host }) => {
      const answer = await host.read({
        what: 'read certificates',
        script: certificatesScript,
        args: ['/etc/kubernetes', '/var/lib/kubelet/pki/kubelet-client-current.pem'],
      })
      const text = answer.stdout.toString()
      if (answer.code !== 0 || !text.endsWith('@end\n'))
        throw new UserError('step', 'could not check its certificates', {
          host: host.name,
          why: answer.stderr,
        })
      const parts = text.slice(0, -'@end\n'.length).split(/^@ /m).slice(1)
      return rowsOf(
        context,
        host.name,
        parts.map((part) => {
          const [name = '', ...pem] = part.split('\n')
          return { name, facts: factsOf(pem.join('\n')) }
        }),
      )
    }),
  )
  return perHost.flat().filter(({ host, name }) => !isCopy(context, host, name))
}

function rowsOf(
  { spec: { certificates }, now }: Context,
  host: string,
  found: readonly { name: string; facts: CertificateFacts | undefined }[],
): CertificateRow[] {
  return found.map(({ name, facts }): CertificateRow => {
    const renewedBy = renewerOf(name, facts)
    if (!facts) return { host, name, expires: undefined, state: 'unreadable', renewedBy }
    const { notAfter: expires } = facts
    if (expires <= now()) return { host, name, expires, state: 'expired', renewedBy }
    // without its authority beside it: one that outlives everything
    const signer = found.find((other) => other.facts && facts.x509.checkIssued(other.facts.x509))?.facts
    const forever = { notBefore: facts.notBefore, notAfter: new Date(8.64e15) }
    const due = renewedBy === 'up' && isDue(facts, signer ?? forever, now(), certificates.renewBefore)
    return { host, name, expires, state: due ? 'due' : 'valid', renewedBy }
  })
}

/** A kubelet renews its own (rotateCertificates); no authority is ever replaced. */
function renewerOf(name: string, facts: CertificateFacts | undefined): Renewer {
  if (name === 'kubelet.conf') return 'kubelet'
  return facts?.authority || /(^|\/)ca$|-ca$/.test(name) ? 'nobody' : 'up'
}

function factsOf(pem: string): CertificateFacts | undefined {
  try {
    return readCertificate(pem)
  } catch {
    return undefined
  }
}

/** Workers carry the cluster's authority too. */
function isCopy(context: Context, host: string, name: string): boolean {
  const machine = context.machines.find(({ spec }) => spec.name === host)
  const plane = machine?.spec.roles.includes('control-plane') === true
  // and control planes that of an etcd elsewhere
  return name === 'ca' ? !plane : name === 'etcd/ca' && plane && context.spec.etcd.external !== undefined
}

/** What is wrong with certificates now, a sentence each: who does what about it. */
export function certificateTroubles(rows: readonly CertificateRow[]): string[] {
  return rows.flatMap(({ host, name, expires, state, renewedBy }): string[] => {
    if (state === 'unreadable') return [`${name} on ${host} is not a certificate`]
    if (state !== 'expired') return []
    const way = {
      up: 'kubestrap up renews it',
      kubelet: `its kubelet could not renew it in time; kubestrap up joins ${host} again`,
      nobody: 'kubestrap does not replace certificate authorities',
    }[renewedBy]
    return [`${name} on ${host} expired on ${expires?.toISOString() ?? ''}: ${way}`]
  })
}
