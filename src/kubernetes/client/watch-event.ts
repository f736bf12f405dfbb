import { plainValue } from '../../lib/plain-value.js'
import { at, textAt } from '../read.js'
import { ApiError } from './api-error.js'
import { BadAnswer } from './bad-answer.js'
import { type Json, mustBeObject } from './json.js'

/** What a watch tells of an object: that it is as follows, or that it is gone. */
export interface WatchEvent {
  kind: 'is' | 'gone'
  object: Json
  /** The version of the cluster's data that it speaks of. */
  version: bigint
}

const kinds: Readonly<Record<string, WatchEvent['kind']>> = { ADDED: 'is', MODIFIED: 'is', DELETED: 'gone' }

/**
 * An event from a line of a watch; undefined for a bookmark. Throws ApiError for an ERROR, which is the last of a watch
 * (410: what happened since its version is forgotten), and BadAnswer for what is none.
 */
export function watchEvent(asked: string, line: string, host: string): WatchEvent | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    throw new BadAnswer(asked, `no JSON: ${line.slice(0, 200)}`, host)
  }
  const told = mustBeObject(asked, parsed, host)
  const object = mustBeObject(asked, told.object, host)
  if (told.type === 'BOOKMARK') return undefined
  if (told.type === 'ERROR')
    throw new ApiError(
      Number(at(object, 'code')) || 500,
      plainValue(object.reason),
      `${asked}: ${plainValue(object.message)}`,
    )
  const kind = typeof told.type === 'string' && Object.hasOwn(kinds, told.type) ? kinds[told.type] : undefined
  if (kind === undefined) throw new BadAnswer(asked, `unknown event ${plainValue(told.type)}`, host)
  const version = versionOf(textAt(object, 'metadata', 'resourceVersion'))
  if (version === undefined || textAt(object, 'metadata', 'name') === '')
    throw new BadAnswer(asked, 'the object of an event has no name or no resourceVersion', host)
  return { kind, object, version }
}

/**
 * A resourceVersion as a number that grows, which it is wherever etcd has the data (documented from Kubernetes 1.35 on,
 * KEP-5504); undefined where it is none.
 */
export const versionOf = (text: string): bigint | undefined =>
  /^[1-9]\d{0,19}$/.test(text) ? BigInt(text) : undefined
