import { type Context, controlPlanes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Credentials } from '../kubernetes/client/http.js'
import { messageOf } from '../lib/errors.js'
import { askEndpoint, openEndpoint, planeCredentials } from '../steps/etcd/external-client.js'
import type { EtcdRow } from './etcd-row.js'

/** An etcd that is not ours, endpoint by endpoint, as the first control plane that has a client's files sees it. */
export async function foreignMembers(context: Context): Promise<EtcdRow[]> {
  const endpoints = context.spec.etcd.external?.endpoints ?? []
  for (const machine of controlPlanes(context)) {
    const credentials = await planeCredentials(context, machine)
    if (credentials) return Promise.all(endpoints.map((endpoint) => rowOf(machine, credentials, endpoint)))
  }
  return []
}

async function rowOf(machine: Machine, credentials: Credentials, endpoint: string): Promise<EtcdRow> {
  const row = { name: placeOf(endpoint), endpoint, votes: true, size: 0 }
  try {
    const { version, unhealthy } = await askEndpoint(machine, credentials, endpoint)
    if (unhealthy !== undefined) return { ...row, state: 'does not answer', version, detail: unhealthy }
    return {
      ...row,
      state: 'follower',
      version,
      detail: '',
      ...(await closer(machine, credentials, endpoint)),
    }
  } catch (error) {
    const detail = messageOf(error)
    return { ...row, state: 'does not answer', version: '', detail }
  }
}

/** What its gRPC gateway tells besides, where it has one that we know (/v3, since 3.4). */
async function closer(
  machine: Machine,
  credentials: Credentials,
  endpoint: string,
): Promise<Partial<EtcdRow>> {
  const client = openEndpoint(machine, credentials, endpoint)
  try {
    const [{ id, leader, learner, size, errors }, members] = await Promise.all([
      client.status(),
      client.members(),
    ])
    return {
      name: members.find((member) => member.id === id)?.name ?? placeOf(endpoint),
      state: learner ? 'learner' : leader === id ? 'leader' : 'follower',
      votes: !learner,
      size,
      detail: errors.join('; '),
    }
  } catch {
    return {}
  } finally {
    client.close()
  }
}

const placeOf = (endpoint: string): string => new URL(endpoint).host
