import type { Context } from '../../cluster/context.js'
import { isEtcdHost, type Machine } from '../../cluster/machine.js'
import { etcdPkiDirectory } from '../../cluster/pki/paths.js'

const credentials = `--cacert=${etcdPkiDirectory}/ca.crt --cert=${etcdPkiDirectory}/healthcheck-client.crt --key=${etcdPkiDirectory}/healthcheck-client.key`

/**
 * A function of POSIX sh: `snapshot FILE DATA-DIRECTORY ENDPOINT` writes what the member of a machine has to a file,
 * through etcdctl: that of the image of its static Pod, or of its host. etcdctl writes beside the data, in the one
 * directory that both sides see.
 */
export function snapshotFunction({ runtime }: Pick<Context, 'runtime'>, machine: Machine): string {
  const own = isEtcdHost(machine)
  return `${own ? '' : runtime.inPodFunction}
snapshot() {
  saved=$2/kubestrap-snapshot.db
  rm -f -- "$saved" "$saved.part"
  said=$(${own ? 'env ETCDCTL_API=3' : 'in_static_pod etcd'} etcdctl --endpoints="$3" ${credentials} snapshot save "$saved" 2>&1) || {
    rm -f -- "$saved" "$saved.part"
    printf 'etcdctl snapshot save: %s\\n' "$said" >&2
    return 1
  }
  mv -- "$saved" "$1"
}
`
}
