import { UserError } from '../../lib/errors.js'
import { visibleLine } from '../../lib/visible.js'
import type { Host } from '../host.js'

/** What a machine already belongs to, and whether its login user can become root. */
export interface Membership {
  root: 'login' | 'sudo' | 'sudo-asks' | { refused: string }
  /** In words; undefined when no sign of a cluster was found. */
  cluster: string | undefined
}

/**
 * Runs as the login user, and as root where that needs no password. The same way to root is tried as later: /bin/sh by
 * sudo. What only root may see is not seen without it.
 */
const script = `
look=$(cat <<'END'
for f in /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf; do
  [ -e "$f" ] || continue
  echo "sign Kubernetes"
  sed -n 's/^ *server: */server /p' "$f" 2>/dev/null
done
[ -e /var/lib/etcd/member ] && echo "sign etcd"
[ -e /var/lib/rancher/k3s ] && echo "sign k3s"
[ -e /var/lib/rancher/rke2 ] && echo "sign RKE2"
[ -e /var/lib/k0s ] && echo "sign k0s"
[ -e /var/snap/microk8s ] && echo "sign MicroK8s"
:
END
)
if [ "$(id -u)" = 0 ]; then echo "root login"; /bin/sh -c "$look"
elif said=$(sudo -n -- /bin/sh -c : 2>&1); then echo "root sudo"; sudo -n -- /bin/sh -c "$look"
else printf 'root no %s\\n' "$(printf %s "$said" | tr '\\n' ' ')"; /bin/sh -c "$look"
fi
echo end
`

/** Signs of a cluster and the way to root. Throws UserError('connection') when the host cannot be asked. */
export async function readMembership(host: Host): Promise<Membership> {
  const answer = await host.read({ what: 'look for a cluster', script, timeoutMs: 20_000 })
  const text = answer.stdout.toString()
  if (!text.trimEnd().endsWith('\nend'))
    throw new UserError('connection', 'the answer is incomplete', { host: host.name, why: answer.stderr })
  return parseMembership(text)
}

/** The same of the script's output. Pure; nothing of it is passed on unchecked. */
export function parseMembership(text: string): Membership {
  const lines = text.split('\n')
  const after = (word: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1).trim()] : []))
  const signs = after('sign').filter((sign) => known.includes(sign))
  const server = after('server').find((url) => /^https:\/\/[A-Za-z0-9.:[\]-]{1,260}$/.test(url))
  const [sign] = signs
  return {
    root: rootOf(after('root')[0] ?? ''),
    cluster:
      sign === undefined
        ? undefined
        : `${articles[sign] ?? 'a'} ${sign} cluster${server === undefined ? '' : ` (${server})`}`,
  }
}

const known = ['Kubernetes', 'etcd', 'k3s', 'RKE2', 'k0s', 'MicroK8s']
const articles: Readonly<Record<string, string>> = { etcd: 'an', RKE2: 'an' }

function rootOf(said: string): Membership['root'] {
  if (said === 'login' || said === 'sudo') return said
  if (/password is required|interactive authentication is required/.test(said)) return 'sudo-asks'
  return { refused: visibleLine(said.replace(/^no ?/, '').slice(0, 200)) }
}
