import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'
import { type Context, controlPlanes } from './context.js'
import { adminConf } from './kube-access.js'

/**
 * INPUTS: admin.conf.
 * OUTPUTS: ~/.kube/config of the login user (and of root) on each control plane, unless the user has
 * one of another cluster.
 */
export const loginKubeconfig: Phase<Context> = {
  id: 'login-kubeconfig',
  title: 'kubectl on control planes',
  about: 'admin.conf as ~/.kube/config of root and of the login user, if they have none of their own.',
  steps: (context) =>
    controlPlanes(context).flatMap(({ host, spec }) =>
      [...new Set(['root', spec.connection === 'ssh' ? spec.ssh.user : 'root'])].map((user) =>
        userConfig(host, user),
      ),
    ),
}

// What a user may have of another cluster is left alone: it is recognised by another authority.
const probeScript = `
home=$(getent passwd "$2" | cut -d: -f6)
[ -n "$home" ] && [ -f "$1" ] || { echo none; exit 0; }
f=$home/.kube/config
[ -e "$f" ] || { echo absent; exit 0; }
cmp -s "$1" "$f" && { echo same; exit 0; }
[ "$(grep certificate-authority-data "$1")" = "$(grep certificate-authority-data "$f")" ] && echo stale || echo other
`

function userConfig(host: Host, user: string): Step<string> {
  return {
    id: `login-kubeconfig:${user}`,
    title: `~${user}/.kube/config`,
    target: host.name,
    needs: [`${host.name}/@kubeconfigs`],
    probe: async () => {
      const answer = await host.read({ script: probeScript, args: [adminConf, user] })
      return answer.stdout.toString().trim()
    },
    diff: (state) => {
      if (state === 'same' || state === 'other') return []
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
        script: `${ledgerFunctions}
home=$(getent passwd "$2" | cut -d: -f6) && remember file "$home/.kube/config" && remembered && umask 077 && mkdir -p "$home/.kube" &&
cp -- "$1" "$home/.kube/.config.kubestrap" && chown "$2:" "$home/.kube" "$home/.kube/.config.kubestrap" &&
mv -f "$home/.kube/.config.kubestrap" "$home/.kube/config"`,
        args: [adminConf, user],
        timeoutMs: 10_000,
      })
    },
  }
}
