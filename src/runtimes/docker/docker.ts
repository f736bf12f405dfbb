import { UserError } from '../../lib/errors.js'
import { editFile } from '../../resources/edit-file.js'
import { reloadMark } from '../../resources/marks.js'
import { service } from '../../resources/service.js'
import { cgroupDriver } from '../cgroup-driver.js'
import { dataLeft } from '../data-left.js'
import { stoppedFunction } from '../not-running.js'
import type { Runtime } from '../runtime.js'
import { daemonFlags, daemonFlagsScript } from './daemon-flags.js'
import { withDaemonRegistries, withDaemonSettings } from './daemon-json.js'
import { leavingDocker } from './leaving.js'
import { ofPods } from './of-pods.js'
import { registrySteps } from './registries.js'

const unit = 'docker.service'
const daemonFile = '/etc/docker/daemon.json'
const podContainersScript = `docker ps -q --filter "label=io.kubernetes.container.name=$1" --filter label=io.kubernetes.pod.namespace=kube-system --filter label=io.kubernetes.docker.type=container`

/** Leaves the ids of all containers of pods in `ids`; nothing to do where dockerd does not run, nor any container. */
const allContainers = (nothing: string): string => `${stoppedFunction}
ids=
if ! command -v docker >/dev/null || ! ids=$(docker ps -aq ${ofPods}); then
  stopped dockerd docker || exit 1
  ${nothing}
fi
`

// one that is removed between the two questions makes the second fail: both are asked again
const containerFunctions = `
system_containers() {
  tries=0
  while ids=$(docker ps -aq --no-trunc --filter label=io.kubernetes.docker.type=container --filter label=io.kubernetes.pod.namespace=kube-system); do
    [ -n "$ids" ] || return 0
    listed=$(docker inspect --format '{{index .Config.Labels "io.kubernetes.container.name"}} {{index .Config.Labels "io.kubernetes.pod.uid"}} {{.Id}} {{if .State.Running}}running{{else}}ended{{end}} {{.State.ExitCode}} {{.State.StartedAt}} {{.State.FinishedAt}}' $ids) && { printf '%s\\n' "$listed"; return 0; }
    tries=$((tries + 1))
    [ $tries -lt 3 ] || return 1
  done
  return 1
}
container_log() { docker logs \${2:+--since "$2"} --tail 400 "$1" 2>&1; }
`

/** Docker from the distribution, through the kubelet's dockershim. */
export const docker: Runtime = {
  id: 'docker',
  criSocket: '/var/run/dockershim.sock',
  unit,
  // no live-restore: kubeadm's documentation sets none, and its shims would survive a reset
  restartEndsContainers: true,
  daemons: ['dockerd', 'containerd'],
  problem: ({ minor, dockershim }) =>
    dockershim === 'present'
      ? undefined
      : `Kubernetes ${minor} has no dockershim (its last version was ${dockershim.last})`,
  packages: (os) => os.packages.docker,
  mirrorsFor: 'docker.io',
  configuration: ({ host, facts }, { registries }) => [
    ...registrySteps(host, registries),
    editFile(host, {
      path: daemonFile,
      title: 'Docker configuration',
      edit: (text, flags) =>
        withDaemonSettings(text, { cgroupDriver: cgroupDriver(facts), flags: daemonFlags(flags) }, host.name),
      beside: { script: daemonFlagsScript },
      guards: true,
      marks: [unit],
      needs: [],
    }),
    editFile(host, {
      path: daemonFile,
      id: `edit:${daemonFile}#registries`,
      title: 'registries of Docker',
      edit: (text, flags) => withDaemonRegistries(text, registries, host.name, daemonFlags(flags)),
      beside: { script: daemonFlagsScript },
      marks: [reloadMark(unit)],
      needs: [`${host.name}/edit:${daemonFile}`],
    }),
  ],
  images: async (host) => {
    const answer = await host.read({
      script: `docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'`,
      timeoutMs: 20_000,
    })
    if (answer.code !== 0)
      throw new UserError('step', 'docker does not answer', { host: host.name, why: answer.stderr })
    return answer.stdout
      .toString()
      .split('\n')
      .flatMap((line) => {
        const [reference, id] = line.split(' ')
        return reference && id ? [{ reference: fullReference(reference), id }] : []
      })
  },
  loadScript: 'docker load --quiet',
  pullScript: 'docker pull --quiet -- "$1"',
  podContainersScript,
  restartPodScript: `
ids=$(${podContainersScript}) || exit 1
[ -z "$ids" ] || docker stop --time "\${2:-20}" $ids >/dev/null || {
  # one that has ended meanwhile is what was wanted
  now=$(docker ps -q) || exit 1
  for id in $ids; do case " $(echo $now) " in *" $id "*) exit 1 ;; esac; done
}
`,
  inPodFunction: `
static_pod() { ${podContainersScript}; }
in_static_pod() {
  id=$(static_pod "$1" | head -n 1) && [ -n "$id" ] || { echo "no container of $1 runs" >&2; return 1; }
  shift
  docker exec "$id" "$@"
}
`,
  countContainersScript: `${allContainers('echo 0; exit 0')}
printf '%s' "$ids" | grep -c . || :`,
  removeContainersScript: `${allContainers('exit 0')}
[ -z "$ids" ] || docker rm -f -v $ids >/dev/null
`,
  removeImagesScript: 'docker image rm -f -- "$@" >/dev/null',
  // its package stops the daemon and takes neither link nor rules away
  // dockerd has --validate since 23.0
  checkScript: `dockerd --help 2>/dev/null | grep -q -- --validate || exit 0
dockerd --validate >/dev/null`,
  tracesScript: `
[ ! -e /sys/class/net/docker0 ] || echo 'link docker0 (until the next boot)'
for p in iptables ip6tables; do
  command -v $p-save >/dev/null || continue
  saved=$($p-save 2>/dev/null) || continue
  chains=$(printf '%s\\n' "$saved" | sed -n 's/^:\\(DOCKER[A-Z0-9-]*\\) .*/\\1/p' | sort -u | tr '\\n' ' ')
  [ -z "$chains" ] || echo "chains of $p: $chains(until the next boot)"
done
${dataLeft(['/var/lib/docker', '/var/lib/containerd'])}`,
  programs: [],
  programMarks: [],
  leaving: leavingDocker,
  furtherServices: ({ host }) => [
    service(host, {
      unit,
      id: `service:${unit}/reload`,
      title: 'Docker has reloaded its registries',
      mark: reloadMark(unit),
      reloads: true,
      needs: [`${host.name}/service:${unit}`],
    }),
  ],
  trees: ['/var/lib/dockershim'],
  systemContainersScript: `docker ps --filter label=io.kubernetes.docker.type=container --filter label=io.kubernetes.pod.namespace=kube-system --format '{{.Label "io.kubernetes.container.name"}}'`,
  containerFunctions,
  cgroupDriver,
}

/** Docker shows images of Docker Hub without their registry ("busybox:1"); references here are whole. */
function fullReference(shown: string): string {
  const [first = '', ...rest] = shown.split('/')
  if (rest.length === 0) return `docker.io/library/${shown}`
  return first.includes('.') || first.includes(':') || first === 'localhost' ? shown : `docker.io/${shown}`
}
