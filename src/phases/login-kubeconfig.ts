import { type Context, controlPlanes } from '../cluster/context.js'
import { adminConf } from '../cluster/kube-access.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import { asUserFunctions } from '../host/as-user-script.js'
import type { Host } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'
import type { HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'

/**
 * INPUTS: admin.conf.
 * OUTPUTS: ~root/.kube/config on each control plane node, and that of the login user with kubeconfig.loginUser,
 * unless the file is of another cluster.
 */
export const loginKubeconfig: Phase<Context> = {
  id: 'login-kubeconfig',
  title: 'kubectl on control planes',
  about:
    'admin.conf as ~/.kube/config of root (and of the login user: kubeconfig.loginUser), if it has none.',
  steps: (context) =>
    controlPlanes(context).flatMap(({ host, spec }) =>
      usersOf(context, spec).map((user) => userConfig(host, user)),
    ),
}

function usersOf({ spec }: Context, { connection, ssh }: HostSpec): string[] {
  const login = spec.kubeconfig.loginUser && connection === 'ssh' ? [ssh.user] : []
  return [...new Set(['root', ...login])]
}

// What is there of another cluster is left alone: it is recognised by other authorities. While a CA is rotated one in
// common is enough. A file of several clusters is the user's.
const compare = `
[ "$own" != "$(cat -- "$1")" ] || { echo same; exit 0; }
authority() { grep certificate-authority-data; }
[ "$(printf '%s\\n' "$own" | authority)" != "$(authority <"$1")" ] || { echo stale; exit 0; }
authorities() {
  sed -n 's/^.*certificate-authority-data: *//p' | base64 -d 2>/dev/null |
    awk '/-BEGIN CERTIFICATE-/ { one = ""; next } /-END CERTIFICATE-/ { print one } { one = one $1 }'
}
ours=$(authorities <"$1")
[ "$(printf '%s\\n' "$own" | authority | wc -l)" -eq 1 ] || { echo other; exit 0; }
for one in $(printf '%s\\n' "$own" | authorities); do
  case " $(echo $ours) " in *" $one "*) echo stale; exit 0 ;; esac
done
echo other
`

const probeOfRoot = `${asUserFunctions}
home=$(home_of root)
[ -f "$1" ] || { echo none; exit 0; }
f=$home/.kube/config
[ -e "$f" ] || { echo absent; exit 0; }
own=$(cat -- "$f") || exit 1
${compare}`

/** The user looks into the user's own directory, and sees no further than the user may. "$1" admin.conf, "$2" the user. */
export const probeOfUser = `${asUserFunctions}
home=$(home_of "$2")
[ -f "$1" ] || { echo none; exit 0; }
[ -n "$home" ] || { echo homeless; exit 0; }
own=$(as_user "$2" '
[ ! -L "$1/.kube" ] && [ ! -L "$1/.kube/config" ] || exit 3
[ -e "$1/.kube/config" ] || exit 4
[ -f "$1/.kube/config" ] && head -c 262144 "$1/.kube/config"' "$home") || case $? in
3) echo link; exit 0 ;;
4) echo absent; exit 0 ;;
*) exit 1 ;;
esac
${compare}`

const writeOfRoot = `${ledgerFunctions}${asUserFunctions}
home=$(home_of root) && remember file "$home/.kube/config" && remembered && umask 077 && mkdir -p "$home/.kube" &&
cp -- "$1" "$home/.kube/.config.kubestrap" && mv -f "$home/.kube/.config.kubestrap" "$home/.kube/config"`

/** Of a file that was there the ledger keeps what the user can read: reset gives it back to the user. Arguments as above. */
export const writeOfUser = `${ledgerFunctions}${asUserFunctions}
home=$(home_of "$2") f=$home/.kube/config
[ -n "$home" ] || exit 1
as_user "$2" 'for f in "$1/.kube" "$1/.kube/config"; do
  [ ! -L "$f" ] || { echo "$f is a link, and kubestrap writes through none" >&2; exit 1; }
done' "$home" || exit 1
if ! has file "$f"; then
  has directory "$home/.kube" || [ -e "$home/.kube" ] || note directory "$home/.kube" '' || exit 1
  if was=$(as_user "$2" '[ -f "$1" ] && head -c 262144 "$1"' "$f"); then
    (umask 077; b=$before$f; mkdir -p "\${b%/*}" && printf '%s\\n' "$was" >"$b.new" && mv -f -- "$b.new" "$b") &&
    note file "$f" replaced || exit 1
  else note file "$f" created || exit 1
  fi
fi
remembered
as_user "$2" '
umask 077
cd "$1" && { [ -d .kube ] || mkdir .kube; } && [ ! -L .kube ] || exit 1
rm -f .kube/.config.kubestrap && set -C && cat >.kube/.config.kubestrap && mv -f .kube/.config.kubestrap .kube/config
' "$home" <"$1"`

function userConfig(host: Host, user: string): Step<string> {
  const isRoot = user === 'root'
  const refuse = (what: string, next: string): UserError =>
    new UserError('step', `~${user}/.kube/config cannot be written: ${what}`, { host: host.name, next })
  return {
    id: `login-kubeconfig:${user}`,
    title: `~${user}/.kube/config`,
    target: host.name,
    needs: [`${host.name}/@kubeconfigs`],
    probe: async () => {
      const answer = await host.read({
        what: `compare ~${user}/.kube/config with admin.conf`,
        script: isRoot ? probeOfRoot : probeOfUser,
        args: [adminConf, user],
      })
      const state = answer.stdout.toString().trim()
      if (answer.code !== 0 || state === '')
        throw new UserError('step', `cannot look at ~${user}/.kube/config`, {
          host: host.name,
          why: answer.stderr.trim(),
        })
      return state
    },
    diff: (state) => {
      if (state === 'same' || state === 'other') return []
      if (state === 'link')
        throw refuse('it, or ~/.kube, is a link', 'replace the link, or set kubeconfig.loginUser: false')
      if (state === 'homeless')
        throw refuse(`${host.name} knows no home of ${user}`, 'set kubeconfig.loginUser: false')
      return [
        {
          kind: state === 'stale' ? 'update' : 'create',
          summary: `${state === 'stale' ? 'renew' : 'write'} ~${user}/.kube/config`,
        },
      ]
    },
    apply: async () => {
      await host.mutate({
        what: `write ~${user}/.kube/config`,
        script: isRoot ? writeOfRoot : writeOfUser,
        args: [adminConf, user],
        timeoutMs: 10_000,
      })
    },
  }
}
