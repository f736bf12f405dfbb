import type { HttpClient } from '../kubernetes/client/http.js'

/**
 * Requests as the administrator of admin.conf; what is forbidden to that one is asked again as super-admin.conf's. From
 * Kubernetes 1.29 on admin.conf has no rights of its own before the ClusterRoleBinding kubeadm:cluster-admins is there:
 * kubeadm creates it this way, too (phases/kubeconfig, EnsureAdminClusterRoleBinding). An answer of 403 did nothing, so
 * any request may be sent again.
 * @param openSuperAdmin undefined where there is no super-admin.conf: the answer stays what it is
 */
export function withSuperAdmin(
  admin: HttpClient,
  openSuperAdmin: () => Promise<HttpClient | undefined>,
): HttpClient {
  let opened: Promise<HttpClient | undefined> | undefined
  let superAdmin: HttpClient | undefined
  const other = (): Promise<HttpClient | undefined> => {
    opened ??= openSuperAdmin().then(
      (client) => {
        superAdmin = client
        // it may be written later in this run
        if (!client) opened = undefined
        return client
      },
      (error: unknown) => {
        opened = undefined
        throw error
      },
    )
    return opened
  }
  return {
    send: async (method, path, options) => {
      const answer = await admin.send(method, path, options)
      if (answer.status !== 403) return answer
      return (await (await other())?.send(method, path, options)) ?? answer
    },
    aged: () => admin.aged() || superAdmin?.aged() === true,
    follow: (path, follower, signal) => admin.follow(path, follower, signal),
    channels: (path) => admin.channels(path),
    close: () => {
      admin.close()
      superAdmin?.close()
    },
  }
}
