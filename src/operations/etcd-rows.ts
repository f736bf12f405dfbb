import { type Context, controlPlanes } from '../cluster/context.js'
import { askMember, openMember } from '../cluster/etcd/access.js'
import type { Machine } from '../cluster/machine.js'
import type { EtcdMember, EtcdStatus } from '../kubernetes/client/etcd.js'
import type { Credentials } from '../kubernetes/client/http.js'
import { lossSentence } from '../kubernetes/etcd/quorum.js'
import { urlHost } from '../lib/url-host.js'
import { within } from '../lib/within.js'
import type { EtcdRow } from './etcd-row.js'
import { foreignMembers } from './foreign-etcd.js'
import { shortly } from './look.js'

/** For a member on a host that is reached: that it is gone is refused at once, so the wait is for a busy host alone. */
const memberMs = 10_000
/** For a member asked from another host: its own may be off, which must not hold up everything else. */
const farMemberMs = 3_000

/** Etcd's members as they see each other; an etcd that is not ours as the control planes see it. Never throws for one that is down. */
export async function etcdMembers(context: Context): Promise<EtcdRow[]> {
  if (context.spec.etcd.external && !context.etcdHosts) return foreignMembers(context)
  const asked = await Promise.all(
    (context.etcdHosts?.order ?? controlPlanes(context)).map((machine) =>
      within(memberMs, askMember(machine)).catch((error: unknown) => ({ machine, error: shortly(error) })),
    ),
  )
  const alive = asked.flatMap((one) => ('status' in one ? [one] : []))
  const witness = alive.find(({ status }) => !status.learner)
  if (!witness)
    return asked.map((one) => ({
      name: one.machine.spec.name,
      endpoint: one.machine.spec.address,
      state: 'does not answer',
      votes: true,
      version: '',
      size: 0,
      detail: 'error' in one ? one.error : '',
    }))
  // a member whose machine we do not reach may be well nevertheless
  const others = await Promise.all(
    witness.members
      .filter((member) => !asked.some(({ machine }) => addresses(member).includes(machine.spec.address)))
      .map((member) => askThrough(witness, member)),
  )
  return witness.members.map((member): EtcdRow => {
    const own =
      alive.find(({ machine }) => addresses(member).includes(machine.spec.address)) ??
      others.find((other) => other?.member === member)
    const silent = asked.find((one) => addresses(member).includes(one.machine.spec.address))
    const name = member.name || member.peerUrls[0] || member.id
    const endpoint = member.clientUrls[0] ?? member.peerUrls[0] ?? ''
    if (!own)
      return {
        name,
        endpoint,
        state: 'does not answer',
        votes: !member.learner,
        version: '',
        size: 0,
        detail: silent && 'error' in silent ? silent.error : 'on no host that could be reached',
      }
    const { version, size, leader, errors } = own.status
    const state = member.learner ? 'learner' : leader === member.id ? 'leader' : 'follower'
    return { name, endpoint, state, votes: !member.learner, version, size, detail: errors.join('; ') }
  })
}

/** What the loss of a member would do: "quorum 2 of 3: one more may fail"; undefined when none is known. */
export function etcdLoss(rows: readonly EtcdRow[]): string | undefined {
  if (rows.length === 0) return undefined
  const voters = rows.filter(({ votes }) => votes)
  return lossSentence(voters.map(({ name, state }) => ({ name, healthy: state !== 'does not answer' })))
}

/** What a member says that is asked from another's machine; undefined when it says nothing. */
async function askThrough(
  { machine, credentials }: { machine: Machine; credentials: Credentials },
  member: EtcdMember,
): Promise<{ member: EtcdMember; status: EtcdStatus } | undefined> {
  const [url] = member.clientUrls
  if (url === undefined) return undefined
  const etcd = openMember(machine, credentials, url)
  try {
    return { member, status: await within(farMemberMs, etcd.status()) }
  } catch {
    return undefined
  } finally {
    etcd.close()
  }
}

const addresses = ({ peerUrls }: EtcdMember): string[] => peerUrls.map(urlHost)
