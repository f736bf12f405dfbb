import { type Context, controlPlanes } from '../cluster/context.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { NotSoYet } from './check.js'

/** The static pods of a control plane. */
export function staticPodNames(context: Context): string[] {
  const etcd = context.spec.etcd.external ? [] : ['etcd']
  return [...etcd, 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
}

/**
 * Static pods run on every control plane, as their runtime sees it, and the API server says it is
 * ready (its /readyz asks etcd too). Throws NotSoYet naming what does not.
 */
export async function controlPlaneRunning(context: Context, kube: KubeClient): Promise<string> {
  const ready = await kube.text('/readyz', { timeoutMs: 5_000 })
  if (ready.status !== 200)
    throw new NotSoYet(`the API server answers ${ready.status} to /readyz: ${ready.body.slice(0, 200)}`)
  const planes = controlPlanes(context)
  const missing = await Promise.all(
    planes.map(async ({ host }) => {
      const answer = await host.read({ script: context.runtime.systemContainersScript, timeoutMs: 15_000 })
      if (answer.code !== 0)
        return [`${host.name}: ${context.runtime.id} does not answer: ${answer.stderr.trim()}`]
      const running = answer.stdout.toString().split('\n')
      return staticPodNames(context).flatMap((pod) =>
        running.includes(pod) ? [] : [`${pod} does not run on ${host.name}`],
      )
    }),
  )
  if (missing.flat().length > 0) throw new NotSoYet(missing.flat().join('; '))
  return planes.map(({ host }) => host.name).join(', ')
}
