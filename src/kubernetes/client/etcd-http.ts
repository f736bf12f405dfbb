import { textAt } from '../read.js'
import { jsonOf } from './bad-answer.js'
import type { HttpClient } from './http.js'

// What etcd tells over plain HTTP, whatever its version's gRPC gateway is called (kubeadm asks /version likewise).

/** The member's version, "3.4.23". Throws when it does not say. */
export async function etcdServerVersion(http: HttpClient): Promise<string> {
  const answer = await http.send('GET', '/version', { timeoutMs: 10_000 })
  if (answer.status !== 200) throw new Error(`etcd answers ${answer.status} to /version`)
  return textAt(jsonOf("etcd's /version", answer), 'etcdserver')
}

/** Why the member takes no part in reads that need a quorum; undefined when it does (etcd's /health). */
export async function etcdUnhealthy(http: HttpClient): Promise<string | undefined> {
  const { status, body } = await http.send('GET', '/health', { timeoutMs: 10_000 })
  return status === 200 && /"health":\s*"?true/.test(body)
    ? undefined
    : `etcd answers ${status} to /health: ${body.slice(0, 200)}`
}
