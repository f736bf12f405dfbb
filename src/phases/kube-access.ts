import { NotYet } from '../engine/late.js'
import { createHttpClient } from '../kubernetes/client/http.js'
import { createKubeClient, type KubeClient } from '../kubernetes/client/kube-client.js'
import { parseKubeconfig } from '../pki/kubeconfig.js'
import type { KubeAccess } from '../resources/kube-object.js'
import { isControlPlane, type Machine } from './machine.js'

export const adminConf = '/etc/kubernetes/admin.conf'

/**
 * The cluster's API as its administrator, through the SSH connection of a control plane: no route
 * from here to the API is assumed. The client is made when first asked for and kept.
 * @param machines the run's machines
 * @param bindPort the API servers' own port
 */
export function kubeAccess(machines: readonly Machine[], bindPort: number): KubeAccess & { close(): void } {
  let client: Promise<KubeClient> | undefined
  const connect = async (): Promise<KubeClient> => {
    for (const { host, spec } of machines.filter(isControlPlane)) {
      const state = await host.stat(adminConf, { content: true })
      if (state.kind !== 'file' || !state.content) continue
      const { credentials } = parseKubeconfig(state.content.toString())
      return createKubeClient(
        createHttpClient(() => host.connection.openTcp(spec.address, bindPort), credentials),
      )
    }
    throw new NotYet('the API server')
  }
  const access = () => {
    client ??= connect().catch((error: unknown) => {
      client = undefined
      throw error
    })
    return client
  }
  const close = (): void => {
    client?.then(
      (made) => made.close(),
      () => {},
    )
  }
  return Object.assign(access, {
    close,
    renew: () => {
      close()
      client = undefined
    },
  })
}
