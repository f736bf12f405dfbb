import { etcdCredentials, openMember } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import type { EtcdClient } from '../../kubernetes/client/etcd.js'
import { isBug, UserError } from '../../lib/errors.js'
import { asProcNetHas, listeningScript } from '../../resources/listening.js'
import { hasLeader } from './has-leader.js'

/** A member of etcd as its own machine has it: it does not run, it runs and knows no leader, or it follows one. */
export type MemberState = 'stopped' | 'leaderless' | 'following'

/**
 * Asks a machine about its own member. One that is stopped or leaderless is in no quorum, so that its restart costs none.
 * Throws where the machine or the member cannot be asked: then nothing is known.
 */
export async function memberState(machine: Machine): Promise<MemberState> {
  const { host } = machine
  const looked = await host.read({
    what: 'whether etcd runs',
    // etcd binds its ports for clients and peers before it takes part in anything
    script: listeningScript,
    args: [asProcNetHas(2379), asProcNetHas(2380)],
  })
  if (looked.code !== 0)
    throw new UserError('step', 'could not check whether etcd runs', { host: host.name, why: looked.stderr })
  if (looked.stdout.toString().trim() === '') return 'stopped'
  const client = await ownClient(machine)
  try {
    const { leader, learner } = await client.status()
    return leader === '0' || learner ? 'leaderless' : 'following'
  } catch (error) {
    if (isBug(error)) throw error
    // one that has had no leader since its start answers no client
    if (!(await hasLeader(machine))) return 'leaderless'
    throw error
  } finally {
    client.close()
  }
}

async function ownClient(machine: Machine): Promise<EtcdClient> {
  const credentials = await etcdCredentials(machine)
  if (!credentials)
    throw new Error(`${machine.spec.name}: etcd runs, and the host has no certificates to ask etcd with`)
  return openMember(machine, credentials)
}
