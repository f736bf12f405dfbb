import { z } from 'zod'
import type { Json } from '../../kubernetes/client/kube-client.js'
import type { ObjectRef } from '../../kubernetes/client/paths.js'
import { textAt } from '../../kubernetes/read.js'

/** What a rollout does to hosts. */
export type RolloutKind = 'reboot' | 'restart' | 'restart-static-pods'

/** What somebody asked for: the same words for the same hosts are the same request. */
export interface RolloutRequest {
  kind: RolloutKind
  /** Names, sorted. */
  hosts: readonly string[]
}

/** A request that was begun and has not come to its end, as the cluster keeps it. */
export interface RolloutRecord extends RolloutRequest {
  /** Of the run that began it. */
  id: string
  /** RFC 3339. */
  begun: string
  /** The lives that are to end, by key; see lives.ts. */
  before: Readonly<Record<string, string>>
}

/** Where it is kept: in the cluster, which has it whichever host a run is cut at. Deleted when the rollout has come to its end. */
export const recordRef = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kubestrap-rollout', namespace: 'kube-system' },
} as const satisfies ObjectRef

const key = 'request'

const schema = z.object({
  kind: z.enum(['reboot', 'restart', 'restart-static-pods']),
  hosts: z.array(z.string()),
  id: z.string().min(1),
  begun: z.iso.datetime(),
  before: z.record(z.string(), z.string()),
})

/** The object that keeps a record. */
export const recordObject = (record: RolloutRecord) => ({
  ...recordRef,
  data: { [key]: JSON.stringify(record) },
})

/** The record in that object; undefined where it holds none, or one that is not understood: the request is begun anew then. */
export function recordIn(object: Json | undefined): RolloutRecord | undefined {
  try {
    return schema.safeParse(JSON.parse(textAt(object, 'data', key))).data
  } catch {
    return undefined
  }
}

/** A request that nobody came back to for so long is not gone on with: what was to be done then is not what is asked for now. */
const oldMs = 24 * 3_600_000

/** Whether a record is of this request, and recent: what was begun is gone on with. */
export function isSameRequest(record: RolloutRecord, { kind, hosts }: RolloutRequest, now: Date): boolean {
  const age = now.getTime() - Date.parse(record.begun)
  return record.kind === kind && record.hosts.join(' ') === hosts.join(' ') && age < oldMs
}
