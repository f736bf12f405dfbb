import { stoppedFunction } from '../not-running.js'
import { pins } from './images.js'

// The CRI plug-in labels its containers as dockershim does. ctr comes with containerd; crictl may not be there.

/** Where the CRI plug-in of 1.x and of 2.x keeps what it knows of its containers. */
const criDirectory = '/var/lib/containerd/io.containerd.grpc.v1.cri'

// Every answer of ctr is kept before it is used: in a pipe nobody would see that it failed, and what it did not say
// would be taken for "nothing runs".

/** `up`: ids of running tasks in one line, with blanks around. */
const upFunction = `
up() {
  tasks=$(ctr -n k8s.io tasks ls) || return 1
  printf ' %s ' "$(printf '%s\\n' "$tasks" | awk '$3 == "RUNNING" { printf "%s ", $1 }')"
}
`

/** `pod NAME`: ids of running containers of a static pod of kube-system, one a line. `running ID`: 0, 1, or exit. */
const runningOfPod = `${upFunction}
pod() {
  found=$(ctr -n k8s.io containers ls -q "labels.\\"io.kubernetes.container.name\\"==$1,labels.\\"io.kubernetes.pod.namespace\\"==kube-system,labels.\\"io.cri-containerd.kind\\"==container") || return 1
  now=$(up) || return 1
  for id in $found; do case $now in *" $id "*) echo "$id" ;; esac; done
}
running() {
  now=$(up) || exit 1
  case $now in *" $1 "*) ;; *) return 1 ;; esac
}
`

/** Ids of the running containers of static pod "$1". */
export const podContainersScript = `${runningOfPod}
pod "$1"`

/** See Runtime.inPodFunction. */
export const inPodFunction = `${runningOfPod}
in_static_pod() {
  id=$(pod "$1" | head -n 1) && [ -n "$id" ] || { echo "no container of $1 runs" >&2; return 1; }
  shift
  ctr -n k8s.io tasks exec --exec-id "kubestrap-$$" "$id" "$@"
}
`

/** Ends the running container of static pod "$1", as its pod's grace would have it: asked, then killed. */
export const restartPodScript = `${runningOfPod}
ids=$(pod "$1") || exit 1
for id in $ids; do
  # one that has ended meanwhile is what was wanted
  ctr -n k8s.io tasks kill -s SIGTERM "$id" || ! running "$id" || exit 1
  i=0
  while [ $i -lt $((5 * \${2:-20})) ] && running "$id"; do sleep 0.2; i=$((i + 1)); done
  ! running "$id" || ctr -n k8s.io tasks kill -s SIGKILL "$id" || ! running "$id" || exit 1
done
`

/** Names of running containers of kube-system, one a line. */
export const systemContainersScript = `${upFunction}
found=$(ctr -n k8s.io containers ls -q 'labels."io.kubernetes.pod.namespace"==kube-system,labels."io.cri-containerd.kind"==container') || exit 1
now=$(up) || exit 1
for id in $found; do
  case $now in *" $id "*) ;; *) continue ;; esac
  # one that ended and was removed meanwhile does not run
  info=$(ctr -n k8s.io containers info "$id") || { found=$(ctr -n k8s.io containers ls -q) || exit 1; case " $(echo $found) " in *" $id "*) exit 1 ;; *) continue ;; esac; }
  printf '%s\\n' "$info" | sed -n 's/.*"io.kubernetes.container.name": *"\\([^"]*\\)".*/\\1/p' | head -n 1
done
`

/**
 * The kubelet keeps each container's log, also of those that ended, as /var/log/pods/NS_POD_UID/NAME/COUNT.log;
 * its lines begin with a time of this machine's zone, the stream and a mark (the CRI's format). A link to it,
 * /var/log/containers/POD_NS_NAME-ID.log, has the container's id, by which the CRI plug-in keeps how it ended,
 * in nanoseconds since 1970. Where that is kept elsewhere the log's own time stands for when it ended.
 */
export const containerFunctions = `${upFunction}
iso() {
  seconds=\${1%?????????}
  [ -n "$seconds" ] && [ "$1" != "$seconds" ] && date -u -d "@$seconds.\${1#"$seconds"}" +%Y-%m-%dT%H:%M:%S.%NZ || echo -
}
system_containers() {
  now=$(up) || return 1
  for link in /var/log/containers/*_kube-system_*.log; do
    log=$(readlink -- "$link") && [ -f "$log" ] || continue
    base=\${link##*/} base=\${base%.log} pod=\${log#/var/log/pods/*_*_}
    id=\${base##*-} name=\${base%-*}
    set -- $(sed -n 's/.*"StartedAt":\\([0-9]*\\),"FinishedAt":\\([0-9]*\\),"ExitCode":\\([0-9]*\\).*/\\1 \\2 \\3/p' "${criDirectory}/containers/$id/status" 2>/dev/null)
    case $now in *" $id "*) state=running ;; *) state=ended ;; esac
    ended=-
    [ $state = running ] || ended=$(iso "\${2:-}")
    [ $state = running ] || [ "$ended" != - ] || ended=$(date -u -r "$log" +%Y-%m-%dT%H:%M:%S.%NZ)
    echo "\${name##*_} \${pod%%/*} $id $state \${3:-?} $(iso "\${1:-}") $ended"
  done | sort -k 6,6r
}
container_log() {
  for link in /var/log/containers/*-"$1".log; do
    from=
    [ -z "$2" ] || from=$(date -d "$2" +%Y-%m-%dT%H:%M:%S)
    tail -n 400 "$link" | awk -v since="$from" '$1 >= since' | cut -d ' ' -f 4-
  done
}
`

/** A directory for each task, which goes after its shim has been told to end (1.x and 2.x). */
const shimDirectory = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'
const socket = '/run/containerd/containerd.sock'

/** Leaves the ids of all containers in `ids`; nothing to do where containerd does not run, nor any container. */
const allContainers = (nothing: string): string => `${stoppedFunction}
ids=
if ! command -v ctr >/dev/null || [ ! -S ${socket} ] || ! ids=$(ctr -n k8s.io containers ls -q); then
  stopped containerd ctr || exit 1
  ${nothing}
fi
`

export const countContainersScript = `${allContainers('echo 0; exit 0')}
printf '%s' "$ids" | grep -c . || :
`

/**
 * Images are no longer kept for a cluster that is not there: kubestrap's pins go.
 * Every container of every pod goes, with its sandbox's network namespace; the CRI plug-in forgets them
 * when containerd starts anew, and clears its own directories.
 *
 * Tasks are killed and the CRI plug-in, which hears of each exit, deletes them. ctr deletes only what the plug-in
 * leaves: when both delete a task at once, one closes the connection to its shim before the other has told the shim to
 * end, and the shim runs for ever (containerd 1.6.20, shimTask.delete in runtime/v2/shim.go).
 */
export const removeContainersScript = `${allContainers('exit 0')}
kept=$(ctr -n k8s.io images ls -q 'labels."io.kubestrap.pinned"==pinned') || exit 1
( set -- $kept
${pins.unpinScript}
) || exit 1
[ -n "$ids" ] || exit 0
tasks=$(ctr -n k8s.io tasks ls -q) || exit 1
for id in $tasks; do ctr -n k8s.io tasks kill -s SIGKILL -a "$id" >/dev/null 2>&1 || :; done
looks=0
while tasks=$(ctr -n k8s.io tasks ls -q) || exit 1
  set -- ${shimDirectory}/*
  { [ -n "$tasks" ] || [ -e "$1" ]; } && [ "$looks" -lt 100 ]
do looks=$((looks + 1)); sleep 0.1; done
for id in $tasks; do ctr -n k8s.io tasks rm -f "$id" >/dev/null 2>&1 || :; done
for id in $ids; do
  ctr -n k8s.io containers rm "$id" || exit 1
done
for ns in /var/run/netns/cni-*; do
  [ -e "$ns" ] || continue
  umount -- "$ns" 2>/dev/null || :
  rm -f -- "$ns"
done
systemctl restart containerd.service
`
