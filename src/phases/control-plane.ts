import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import { staticPods } from '../kubernetes/manifests/static-pods.js'
import { renderYaml } from '../kubernetes/render-yaml.js'
import { directory } from '../resources/directory.js'
import { file } from '../resources/file.js'
import { podMark } from '../resources/marks.js'
import { type Context, controlPlanes } from './context.js'
import { kubeletCredentials } from './kubelet-credentials.js'
import type { Machine } from './machine.js'

/**
 * INPUTS: certificates and kubeconfigs.
 * OUTPUTS: the static pods' manifests and the control plane's kubelet credentials. All of it is there
 * before the kubelet starts, so that it finds its pods at once (25 s → 6 s, k/k PR 117984).
 */
export const controlPlane: Phase<Context> = {
  id: 'control-plane',
  title: 'Control plane',
  about: 'Manifests of etcd, API server, controller manager and scheduler as static pods.',
  steps: (context) => controlPlanes(context).flatMap((machine) => controlPlaneSteps(context, machine)),
}

function controlPlaneSteps(context: Context, machine: Machine): Step[] {
  const { spec, release } = context
  const { host, facts } = machine
  const pods = staticPods(spec, machine.spec, release, { caDirectories: facts.caDirectories })
  return [
    ...(spec.etcd.external ? [] : [directory(host, spec.etcd.dataDir, '0700')]),
    ...[...pods].map(([name, pod]) =>
      file(host, {
        path: `/etc/kubernetes/manifests/${name}.yaml`,
        title: `manifest of ${name}`,
        content: renderYaml(pod),
        mode: '0600',
        marks: [podMark(name)],
      }),
    ),
    ...kubeletCredentials(context, machine),
  ]
}
