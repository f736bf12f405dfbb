import type { Duplex } from 'node:stream'
import { at, listAt, textAt } from '../read.js'
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
  version: string
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
  close(): void
}

/**
 * @param open opens a stream to the member's client port
 * @param credentials of a client etcd's authority knows; kubeadm's healthcheck-client
 */
export function createEtcdClient(open: () => Promise<Duplex>, credentials: Credentials): EtcdClient {
  // every server certificate of kubeadm's etcd carries it
  const http = createHttpClient(open, credentials, undefined, 'localhost')
  const post = async (path: string): Promise<unknown> => {
    const { status, body } = await http.send('POST', path, { body: {}, timeoutMs: 10_000 })
    if (status !== 200) throw new Error(`etcd answers ${status} to ${path}: ${body.slice(0, 200)}`)
    return JSON.parse(body)
  }
  return {
    members: async () =>
      listAt(await post('/v3/cluster/member/list'), 'members').map((member) => ({
        id: hex(textAt(member, 'ID')),
        name: textAt(member, 'name'),
        peerUrls: listAt(member, 'peerURLs').map(String),
        clientUrls: listAt(member, 'clientURLs').map(String),
        learner: at(member, 'isLearner') === true,
      })),
    status: async () => {
      const status = await post('/v3/maintenance/status')
      return {
        version: textAt(status, 'version'),
        size: Number(textAt(status, 'dbSize') || 0),
        leader: hex(textAt(status, 'leader')),
        errors: listAt(status, 'errors').map(String),
      }
    },
    close: () => http.close(),
  }
}

/** 64-bit numbers travel as decimal text (proto3's JSON mapping). */
const hex = (decimal: string): string => BigInt(decimal || '0').toString(16)
