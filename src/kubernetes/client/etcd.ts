import type { Duplex } from 'node:stream'
import { plainValue } from '../../lib/plain-value.js'
import { at, listAt, textAt } from '../read.js'
import { BadAnswer, jsonOf } from './bad-answer.js'
import { type Credentials, createHttpClient } from './http.js'

export interface EtcdMember {
  /** Hexadecimal, as etcdctl shows it. */
  id: string
  /** '' for a member that was added and has not started yet. */
  name: string
  peerUrls: readonly string[]
  clientUrls: readonly string[]
  learner: boolean
}

export interface EtcdStatus {
  /** Its own id, hexadecimal. */
  id: string
  version: string
  /** It has no vote yet. */
  learner: boolean
  /** Size of the database file, bytes. */
  size: number
  /** Id of the member this one takes for the leader, hexadecimal; '0' when there is none. */
  leader: string
  /** Alarms and the like, in etcd's words. */
  errors: readonly string[]
}

/** One member of etcd by its gRPC gateway (JSON over HTTPS, etcd's documentation "api_grpc_gateway"; /v3 since 3.4). */
export interface EtcdClient {
  members(): Promise<EtcdMember[]>
  status(): Promise<EtcdStatus>
  /** Reads what needs a quorum, as `etcdctl endpoint health` does. Throws when it is not given. */
  health(): Promise<void>
  /** Adds a member that has not started, with a vote or as a learner; returns all members then. */
  add(peerUrl: string, as: 'learner' | 'voter'): Promise<EtcdMember[]>
  /** Gives a learner its vote. Throws EtcdError; see `EtcdError.notInSync`. */
  promote(id: string): Promise<void>
  remove(id: string): Promise<void>
  close(): void
}

const addPath = '/v3/cluster/member/add'

/** etcd answered, and the answer is no. */
export class EtcdError extends Error {
  constructor(
    readonly status: number,
    /** etcd's own words: "etcdserver: member not found". */
    readonly words: string,
    readonly path: string,
  ) {
    super(`etcd answers ${status} to ${path}: ${words}`)
    this.name = 'EtcdError'
  }

  /** The learner has not caught up with the leader, or not started (rpctypes.ErrGRPCLearnerNotReady). */
  get notInSync(): boolean {
    return this.words.includes('in sync with leader')
  }

  /** The member votes already (rpctypes.ErrGRPCMemberNotLearner). */
  get votesAlready(): boolean {
    // the other one begins alike
    return this.words.includes('can only promote a learner member') && !this.notInSync
  }

  /**
   * The same question may be answered in a moment: no leader, one that changes, or members that have not been
   * connected for five seconds yet, before which etcd changes no membership ("unhealthy cluster",
   * strict-reconfig-check, HealthInterval). Ids are made of peer URL and second (membership.NewMember): one that
   * was removed in the second it was added in cannot be added again in that second ("member not found").
   */
  get passing(): boolean {
    if (this.path === addPath && this.words.includes('member not found')) return true
    return this.status === 503 || /no leader|leader changed|timed out|unhealthy cluster/.test(this.words)
  }
}

/**
 * @param host whose member it is, for errors: a host of the inventory, or an address
 * @param open opens a stream to the member's client port
 * @param credentials of a client etcd's authority knows; kubeadm's healthcheck-client
 * @param name in the member's certificate; default one that every certificate of kubeadm's etcd has
 */
export function createEtcdClient(
  host: string,
  open: () => Promise<Duplex>,
  credentials: Credentials,
  name = 'localhost',
): EtcdClient {
  const http = createHttpClient(host, open, credentials, undefined, name)
  const post = async (path: string, question: object = {}, timeoutMs = 10_000): Promise<unknown> => {
    const answer = await http.send('POST', path, { body: question, timeoutMs })
    if (answer.status !== 200) throw new EtcdError(answer.status, wordsOf(answer.body), path)
    return jsonOf(`etcd's ${path}`, answer)
  }
  const hex = (text: string): string => hexOf(text, host)
  const membersOf = (answer: unknown): EtcdMember[] =>
    listAt(answer, 'members').map((member) => memberOf(member, host))
  return {
    members: async () => membersOf(await post('/v3/cluster/member/list')),
    status: async () => {
      const status = await post('/v3/maintenance/status')
      return {
        id: hex(textAt(status, 'header', 'member_id')),
        learner: at(status, 'isLearner') === true,
        version: textAt(status, 'version'),
        size: Number(textAt(status, 'dbSize') || 0),
        leader: hex(textAt(status, 'leader')),
        errors: listAt(status, 'errors').map(plainValue),
      }
    },
    health: async () => {
      // any key will do; a read is linearizable unless it is asked to be less
      await post('/v3/kv/range', { key: Buffer.from('health').toString('base64') }, 5_000)
    },
    add: async (peerUrl, as) =>
      membersOf(
        await post(addPath, {
          peerURLs: [peerUrl],
          ...(as === 'learner' ? { isLearner: true } : {}),
        }),
      ),
    promote: async (id) => {
      await post('/v3/cluster/member/promote', { ID: decimal(id) })
    },
    remove: async (id) => {
      await post('/v3/cluster/member/remove', { ID: decimal(id) })
    },
    close: () => http.close(),
  }
}

const memberOf = (member: unknown, host: string): EtcdMember => ({
  id: hexOf(textAt(member, 'ID'), host),
  name: textAt(member, 'name'),
  peerUrls: listAt(member, 'peerURLs').map((url) => urlOf(url, host)),
  clientUrls: listAt(member, 'clientURLs').map((url) => urlOf(url, host)),
  learner: at(member, 'isLearner') === true,
})

/** The gateway's errors are JSON with `message` (and, in 3.4, the same as `error`). */
function wordsOf(body: string): string {
  try {
    const answer: unknown = JSON.parse(body)
    return textAt(answer, 'message') || textAt(answer, 'error') || body.slice(0, 200)
  } catch {
    return body.slice(0, 200)
  }
}

/** 64-bit numbers travel as decimal text (proto3's JSON mapping). */
const hexOf = (text: string, host: string): string => {
  if (!/^\d{0,20}$/.test(text))
    throw new BadAnswer('a question to etcd', `"${text.slice(0, 100)}" is no id`, host)
  return BigInt(text || '0').toString(16)
}

/** One of a member's URLs, which are used on other hosts: whoever reads it further finds a host in it. */
function urlOf(value: unknown, host: string): string {
  const text = plainValue(value)
  const url = /^https?:\/\/[\w.:[\]%-]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url && url.hostname !== '') return text
  throw new BadAnswer(
    'a question to etcd',
    `a member's URL is none: ${JSON.stringify(text.slice(0, 200))}`,
    host,
  )
}

const decimal = (id: string): string => BigInt(`0x${id}`).toString()
