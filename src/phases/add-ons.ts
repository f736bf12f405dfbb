import type { Phase } from '../engine/phase.js'
import { clusterTarget } from '../engine/step.js'
import { clusterObjects } from '../kubernetes/config/cluster-objects.js'
import { kubeObjectStep } from '../resources/kube-object.js'
import type { Context } from './context.js'

/**
 * INPUTS: a ready API server.
 * OUTPUTS: kube-proxy and, unless the inventory says otherwise, CoreDNS; what the pod network puts
 * into the cluster.
 */
export const addOns: Phase<Context> = {
  id: 'add-ons',
  title: 'Add-ons',
  about: 'kube-proxy, CoreDNS (dns.enabled) and the pod network objects.',
  steps: (context) => {
    const objects = clusterObjects(context.spec, context.release)
    return [
      ...objects.kubeProxy,
      ...(context.spec.dns.enabled ? objects.coreDns : []),
      ...context.network.objects(context.spec.networking),
    ].map((object) => kubeObjectStep(context.kube, object, [`${clusterTarget}/api-ready`]))
  },
}
