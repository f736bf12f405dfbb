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
  size=$(du -k -- "$2/member/snap/db" 2>/dev/null | cut -f 1)
  room=$(df -Pk -- "$2" | awk 'NR == 2 { print $4 }')
  if [ "\${room:-0}" -lt $((2 * \${size:-0})) ]; then
    echo "$2 has $room KiB free; a snapshot of etcd needs up to $size, and etcd room beside it" >&2
    return 1
  fi
  said=$(${own ? 'env ETCDCTL_API=3' : 'in_static_pod etcd'} etcdctl --endpoints="$3" ${credentials} snapshot save "$saved" 2>&1) || {
    rm -f -- "$saved" "$saved.part"
    printf 'etcdctl snapshot save: %s\\n' "$said" >&2
    return 1
  }
  mv -- "$saved" "$1" || { rm -f -- "$saved"; return 1; }
}
`
}
