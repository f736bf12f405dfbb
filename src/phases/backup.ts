import { basename } from 'node:path/posix'
import { type Context, leaderOf } from '../cluster/context.js'
import { isControlPlane, isEtcdHost, type Machine } from '../cluster/machine.js'
import { sourcedVolumes } from '../cluster/plane-volumes.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { etcdClientUrl } from '../kubernetes/etcd/flags.js'
import { copyPath, failedPath } from '../steps/etcd/data-copy.js'
import { snapshotFunction } from '../steps/etcd/snapshot.js'

/** Copies of what an upgrade changes, a directory for each time; root's alone. */
const backupDirectory = '/var/lib/kubestrap/backups'

/** So many are kept on a machine. */
const kept = 3

/**
 * INPUTS: an upgrade, and machines on which the upgrade has changed nothing yet.
 * OUTPUTS: copies of the manifests, the kubeconfigs and the PKI of each control plane node, and a snapshot of
 * etcd.
 */
export const backup: Phase<Context> = {
  id: 'backup',
  title: 'Backup before an upgrade',
  about: 'Before an upgrade: copies of manifests, kubeconfigs and PKI, and a snapshot of etcd.',
  steps: (context) => {
    const { upgrade, machines } = context
    if (!upgrade) return []
    const untouched = machines.filter(({ spec }) => upgrade.untouched.has(spec.name))
    const keeper = keeperOf(context, untouched)
    const holders = new Set(keeper ? [...untouched, keeper] : untouched)
    return [...holders].map((machine) => backupStep(context, machine, machine === keeper))
  },
}

/** The machine that gives the snapshot; undefined where etcd is not of kubestrap's doing, or the upgrade is under way. */
function keeperOf(context: Context, untouched: readonly Machine[]): Machine | undefined {
  const { spec, etcdHosts } = context
  // what was saved before the first change is the one to go back to
  if (context.upgrade?.begun !== false) return undefined
  if (spec.etcd.external === undefined)
    return untouched.find((machine) => machine === leaderOf(context)) ?? untouched[0]
  return etcdHosts?.order.find(({ spec: own }) => !etcdHosts.fresh.has(own.name))
}

function backupStep(context: Context, machine: Machine, withEtcd: boolean): Step<FileState> {
  const { host, spec } = machine
  const { from = '', to = '' } = context.upgrade ?? {}
  const stamp = context
    .now()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
  const directory = `${backupDirectory}/${stamp}-v${from}`
  const files = isEtcdHost(machine) ? 'the PKI' : 'manifests, kubeconfigs and the PKI'
  return {
    id: 'backup',
    title: 'backup',
    target: host.name,
    needs: [],
    probe: () => host.stat(directory),
    diff: (state) =>
      state.kind === 'directory'
        ? []
        : [
            {
              kind: 'create',
              summary: `save ${files}${withEtcd ? ', and a snapshot of etcd,' : ''} in ${backupDirectory} before the upgrade from ${from} to ${to}`,
            },
          ],
    apply: async () => {
      await host.mutate({
        what: 'save what the upgrade changes',
        script: `${withEtcd ? snapshotFunction(context, machine) : ''}${backupScript}`,
        args: [
          directory,
          String(kept),
          withEtcd ? 'etcd' : '',
          context.spec.etcd.dataDir,
          etcdClientUrl(spec.address),
          ...(isControlPlane(machine) ? sourcedVolumes(context.spec).map(({ hostPath }) => hostPath) : []),
        ],
        timeoutMs: 300_000,
      })
    },
  }
}

/**
 * Saves what an upgrade changes in a directory "$1", of which "$2" are kept; complete, or not there: it gets its name last. From the
 * sixth on its arguments are further files below /etc/kubernetes. POSIX sh.
 */
export const backupScript = `
umask 077
all=\${1%/*}
mkdir -p -- "$all" && rm -rf -- "$all"/*.part "\${all%/*}"/${basename(copyPath)}* "\${all%/*}"/${basename(failedPath)}* && mkdir -- "$1.part" "$1.part/kubernetes" "$1.part/kubelet" || exit 1
for one in /etc/kubernetes/manifests /etc/kubernetes/pki /etc/kubernetes/*.conf; do
  [ ! -e "$one" ] || cp -a -- "$one" "$1.part/kubernetes/" || exit 1
done
for one in config.yaml instance-config.yaml kubeadm-flags.env; do
  [ ! -e "/var/lib/kubelet/$one" ] || cp -a -- "/var/lib/kubelet/$one" "$1.part/kubelet/" || exit 1
done
[ -z "$3" ] || snapshot "$1.part/etcd.db" "$4" "$5" || exit 1
part=$1.part name=$1 keep=$2
shift 5
for one; do
  into=$part/kubernetes/\${one#/etc/kubernetes/}
  [ ! -e "$one" ] || { mkdir -p -- "\${into%/*}" && cp -a -- "$one" "$into"; } || exit 1
done
sync -f -- "$part" && mv -- "$part" "$name" || exit 1
# tries of an upgrade that was begun save no snapshot: the newest one stays
newest=$(ls -1d -- "$all"/*/etcd.db 2>/dev/null | sort -r | head -n 1)
ls -1d -- "$all"/*/ | sort -r | tail -n "+$((keep + 1))" | while read -r old; do [ "\${old}etcd.db" = "$newest" ] || rm -rf -- "$old"; done
`
