import { addOnsRelease } from '../cluster/cluster-release.js'
import { type Context, networkSettings } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Need, type Step } from '../engine/step.js'
import { clusterObjects } from '../kubernetes/config/cluster-objects.js'
import { kubeObject, kubeObjectSteps } from '../resources/kube-object.js'
import { rollout } from '../resources/rollout.js'

const proxyName = { namespace: 'kube-system', name: 'kube-proxy' }

/**
 * INPUTS: a ready API server.
 * OUTPUTS: kube-proxy, which restarts when its configuration changes, CoreDNS unless dns.enabled is false, and the
 * API objects of the Pod network.
 */
export const addOns: Phase<Context> = {
  id: 'add-ons',
  title: 'Add-ons',
  about: 'kube-proxy, CoreDNS (dns.enabled) and the API objects of the Pod network.',
  steps: (context) => {
    const { kube, spec } = context
    const objects = clusterObjects(spec, addOnsRelease(context))
    const needs = [`${clusterTarget}/api-ready`]
    const proxies = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: proxyName }
    const proxySteps = objects.kubeProxy.map((object) =>
      kubeObject(kube, {
        object,
        ref: object,
        needs,
        ...(object.kind === 'ConfigMap' ? { readBy: proxies } : {}),
      }),
    )
    return [
      ...proxySteps,
      rollout(
        kube,
        { ...proxies, apiVersion: 'v1', kind: 'ConfigMap' },
        proxies,
        proxySteps.map((step) => `${clusterTarget}/${step.id}`),
      ),
      ...kubeObjectSteps(kube, spec.dns.enabled ? objects.coreDns : [], needs),
      ...networkSteps(context, needs),
    ]
  },
}

/** The pod network's objects; a DaemonSet among them reads its configuration when it starts. */
function networkSteps(context: Context, needs: readonly Need[]): Step[] {
  const { kube, network } = context
  const objects = network.objects(networkSettings(context))
  const reader = objects.find(({ kind }) => kind === 'DaemonSet')
  const steps = kubeObjectSteps(kube, objects, needs, reader)
  const configuration = objects.find(({ kind }) => kind === 'ConfigMap')
  if (!reader || !configuration) return steps
  const keys = steps.map((step) => `${clusterTarget}/${step.id}`)
  return [...steps, rollout(kube, configuration, reader, keys)]
}
