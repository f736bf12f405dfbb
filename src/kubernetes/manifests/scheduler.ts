import { argumentList } from '../arguments.js'
import type { KubeObject } from '../kube-object.js'
import { healthPorts } from './health-ports.js'
import { kubernetesDirectory } from './paths.js'
import { staticPod } from './pod.js'
import { probeHost } from './probes.js'
import type { PodInput } from './static-pods.js'
import { byName, extraVolumes } from './volume.js'

const kubeconfig = `${kubernetesDirectory}/scheduler.conf`

/** kube-scheduler (kubeadm: phases/controlplane, getSchedulerCommand). */
export function schedulerPod(input: PodInput): KubeObject {
  const { extraArgs, extraVolumes: more } = input.spec.scheduler
  const flags = {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    kubeconfig,
    'leader-elect': 'true',
    ...input.release.staticPods.flags['kube-scheduler'],
  }
  return staticPod(input, {
    name: 'kube-scheduler',
    command: ['kube-scheduler', ...argumentList(flags, extraArgs)],
    probe: {
      host: probeHost(extraArgs['bind-address'] ?? '127.0.0.1'),
      port: healthPorts['kube-scheduler'],
      scheme: 'HTTPS',
    },
    mounts: byName([
      { name: 'kubeconfig', path: kubeconfig, kind: 'FileOrCreate', readOnly: true },
      ...extraVolumes(more),
    ]),
  })
}
