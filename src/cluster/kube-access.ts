import { NotYet } from '../engine/late.js'
import { createHttpClient, type HttpClient } from '../kubernetes/client/http.js'
import { createKubeClient } from '../kubernetes/client/kube-client.js'
import type { KubeAccess } from '../resources/kube-object.js'
import { adminConf, adminCredentials, type Signing, superAdminConf } from './admin-credentials.js'
import { firstOf } from './kube-failover.js'
import { isControlPlane, type Machine } from './machine.js'
import { withSuperAdmin } from './with-super-admin.js'

export { adminConf, superAdminConf } from './admin-credentials.js'

/**
 * The cluster's API as its administrator, through the SSH connection of a control plane: no route
 * from here to the API is assumed. Of several control planes the first whose API is ready is asked, and
 * another when it goes away; clients are made when first needed and kept.
 * @param machines the run's machines, in the order they are to be asked
 * @param bindPort the API servers' own port
 */
export function kubeAccess(
  machines: readonly Machine[],
  bindPort: number,
  signing: Signing,
): KubeAccess & { close(): void } {
  const servers = firstOf(
    machines
      .filter(isControlPlane)
      .map((machine) => ({ name: machine.spec.name, open: () => openApi(machine, bindPort, signing) })),
  )
  const client = createKubeClient(servers.http)
  const access = async () => {
    if (!(await servers.known())) throw new NotYet('the API server')
    return client
  }
  return Object.assign(access, { close: client.close, renew: servers.forget })
}

/**
 * A way to the API server of one control plane as the administrator it knows, and where that one may not yet do something
 * as super-admin.conf's; undefined when it has none yet.
 */
export async function openApi(
  machine: Machine,
  bindPort: number,
  signing: Signing,
): Promise<HttpClient | undefined> {
  const { host, spec } = machine
  const open = () => host.connection.openTcp(spec.address, bindPort)
  const as = async (path: string): Promise<HttpClient | undefined> => {
    const credentials = await adminCredentials(machine, signing, path)
    return (
      credentials &&
      createHttpClient(spec.name, open, credentials, undefined, undefined, { readWhenExpired: true })
    )
  }
  const admin = await as(adminConf)
  return admin && withSuperAdmin(admin, () => as(superAdminConf))
}
