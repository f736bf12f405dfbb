import { type Context, controlPlanes, isJoining } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Need, Step } from '../engine/step.js'
import { staticPods } from '../kubernetes/manifests/static-pods.js'
import { directory } from '../resources/directory.js'
import { etcdMemberId } from '../steps/etcd/member-step.js'
import { kubeletCredentials } from '../steps/kubelet/kubelet-credentials.js'
import { manifestStep } from '../steps/static-pods/manifest-step.js'

/**
 * INPUTS: certificates and kubeconfigs.
 * OUTPUTS: the manifests of the static Pods and the kubelet credentials of the control plane. In a running cluster
 * and at a birth all files are there before the kubelet starts, so that the kubelet finds its Pods at once (25 s →
 * 6 s, k/k PR 117984). On a control plane that joins, the kubelet runs first and the manifests follow its etcd
 * member: an API server beside a learner would only exit again and again.
 */
export const controlPlane: Phase<Context> = {
  id: 'control-plane',
  title: 'Control plane',
  about: 'Manifests of the static Pods: etcd, API server, controller manager and scheduler.',
  steps: (context) => controlPlanes(context).flatMap((machine) => controlPlaneSteps(context, machine)),
}

function controlPlaneSteps(context: Context, machine: Machine): Step[] {
  const { spec } = context
  const { host, release } = machine
  const names = [...staticPods(spec, machine.spec, release.wanted, { caDirectories: [] }).keys()]
  const needs = isJoining(context, machine) ? joiningNeeds(context, machine) : undefined
  return [
    ...(spec.etcd.external ? [] : [directory(host, spec.etcd.dataDir, '0700')]),
    ...names.map((name) => manifestStep(context, machine, name, needs)),
    ...kubeletCredentials(context, machine),
  ]
}

function joiningNeeds({ spec: { etcd } }: Context, { spec: { name } }: Machine): Need[] {
  return [
    ...(etcd.external ? [`${name}/@kubelet-start`, `${name}/@etcd-hosts`] : [`${name}/${etcdMemberId}`]),
    ...['pki', 'kubeconfigs', 'component-files', 'images'].map((phase) => `${name}/@${phase}`),
  ]
}
