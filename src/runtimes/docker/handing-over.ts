import type { HandingOver } from '../runtime.js'

/** Where dockershim keeps a record of each sandbox, by its id: the host ports that its CNI plug-ins have to release. */
const records = '/var/lib/dockershim/sandbox'

/**
 * `kept` is whether there are records of a kubelet that is not told a socket; `ids` are those of sandboxes with host ports,
 * `containers` all that is in them. Docker is asked only where there are any.
 */
const look = `
with_socket() {
  for comm in $(grep -lsx kubelet /proc/[0-9]*/comm); do
    tr '\\0' '\\n' 2>/dev/null <"\${comm%comm}cmdline" | grep -q '^--container-runtime-endpoint' && return 0
  done
  return 1
}
kept= ids= containers=
if [ -n "$(ls -A ${records} 2>/dev/null)" ] && ! with_socket; then
  kept=1
  ported=$(grep -lE '"host_port":[1-9]' ${records}/* | xargs -r grep -L '"host_network":true')
  [ -z "$ported" ] || all=$(docker ps -aq --no-trunc) || exit 1
  for record in $ported; do
    id=\${record##*/}
    case " $(echo $all) " in *" $id "*) ;; *) continue ;; esac
    ids="$ids $id"
    inside=$(docker ps -aq --no-trunc --filter label=io.kubernetes.sandbox.id="$id") || exit 1
    containers="$containers $(echo $inside) $id"
  done
fi
`

/**
 * cri-dockerd takes Pods of dockershim as its own, but does not know their host ports: what leads there would stay for ever, and
 * keep the next Pod with that port from being reached. It cannot read dockershim's records, whose checksums have the names of
 * Go's types in them. Such Pods are made anew; the others go on.
 */
export const fromDockershim: HandingOver = {
  lookScript: `${look}
[ -z "$ids" ] || echo "restart $(echo $ids | wc -w) Pods with host ports"
[ -z "$kept" ] || echo "remove the records of dockershim"
exit 0`,
  endScript: `${look}
[ -z "$ids" ] || docker stop --time 10 $containers >/dev/null || exit 1
[ -z "$ids" ] || printf '%s\\n' $ids`,
  script: `${look}
[ -z "$ids" ] || docker rm -f -v $containers >/dev/null || exit 1
[ -z "$kept" ] || rm -rf -- ${records}`,
}
