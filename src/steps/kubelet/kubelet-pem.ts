import { kubeletDirectory } from '../../cluster/kubelet-unit.js'
import type { Host } from '../../host/host.js'
import { UserError } from '../../lib/errors.js'

/** Where a kubelet keeps its client certificate and key: a link it moves on when it renews them. */
export const kubeletPemPath = `${kubeletDirectory}/pki/kubelet-client-current.pem`

/** A kubelet's client certificate, PEM; '' when it has none. The key beside it stays on the host. */
export async function kubeletPem(host: Host): Promise<string> {
  const answer = await host.read({
    what: "read the kubelet's certificate",
    script: '[ ! -e "$1" ] || sed -n "/BEGIN CERTIFICATE/,/END CERTIFICATE/p" -- "$1"',
    args: [kubeletPemPath],
  })
  if (answer.code !== 0)
    throw new UserError('connection', `cannot read ${kubeletPemPath}`, {
      host: host.name,
      why: answer.stderr.trim(),
    })
  return answer.stdout.toString()
}
