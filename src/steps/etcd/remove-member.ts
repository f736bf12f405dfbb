import type { EtcdClient } from '../../kubernetes/client/etcd.js'
import type { Clock } from '../../lib/clock.js'
import { patiently } from './patiently.js'

/** Removes a member, which may be gone by then: by an earlier try whose answer was lost. */
export async function removeMember(clock: Clock, client: EtcdClient, id: string): Promise<void> {
  await patiently(clock, async () => {
    if ((await client.members()).some((member) => member.id === id)) await client.remove(id)
  })
}
