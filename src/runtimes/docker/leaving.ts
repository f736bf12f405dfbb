import { unitFileState } from '../../resources/unit-file-state.js'
import type { Leaving } from '../runtime.js'
import { ofPods } from './of-pods.js'

/** Sockets first, since they would start their services again. */
const units = 'cri-docker.socket cri-docker.service docker.socket docker.service'

/** What dockershim and cri-dockerd keep of each Pod. */
const records = '/var/lib/dockershim/sandbox /var/lib/cri-dockerd/sandbox'

/**
 * `pods` and `others` are the ids of containers of Pods and of somebody else, running or not; `active` are the units to
 * stop: none while somebody else has containers on Docker. Docker is not asked where neither its daemon runs nor a shim
 * of its own, which says its namespace in containerd; others' shims are no concern.
 */
const look = `${unitFileState}
docker_runs() {
  ! grep -qsx dockerd /proc/[0-9]*/comm || return 0
  for comm in $(grep -lsx containerd-shim /proc/[0-9]*/comm); do
    tr '\\0' ' ' 2>/dev/null <"\${comm%comm}cmdline" | grep -q -e '-namespace moby ' && return 0
  done
  return 1
}
pods= others= active=
if docker_runs; then
  pods=$(docker ps -aq --no-trunc ${ofPods}) || exit 1
  all=$(docker ps -aq --no-trunc) || exit 1
  for id in $all; do case " $(echo $pods) " in *" $id "*) ;; *) others="$others $id" ;; esac; done
fi
if [ -z "$others" ]; then
  for unit in ${units}; do
    state=$(systemctl show -p ActiveState --value -- "$unit") || exit 1
    enabled=$(unit_file_state "$unit") || exit 1
    case $state:$enabled in active:* | activating:* | reloading:* | *:enabled | *:enabled-runtime) active="$active $unit" ;; esac
  done
fi
`

/** Docker is left for containerd, which it runs on itself where it is of the distribution: its data stay. */
export const leavingDocker: Leaving = {
  for: ['containerd'],
  lookScript: `${look}
[ -z "$pods" ] || echo "remove $(printf '%s\\n' "$pods" | grep -c .) containers of Pods"
for unit in $active; do echo "stop and disable $unit"; done
exit 0`,
  // ten seconds for programs to end by themselves: etcd is among them
  endScript: `${look}
[ -z "$pods" ] || docker stop --time 10 $pods >/dev/null`,
  script: `${look}
[ -z "$pods" ] || docker rm -f -v $pods >/dev/null || exit 1
rm -rf -- ${records} || exit 1
[ -z "$active" ] || systemctl disable --now --quiet -- $active`,
}
