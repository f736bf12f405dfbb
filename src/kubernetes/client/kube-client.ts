import { textAt } from '../read.js'
import { apiError } from './api-error.js'
import { BadAnswer, jsonOf } from './bad-answer.js'
import type { Answer, HttpClient, SendOptions } from './http.js'
import { type Json, mustBeObject } from './json.js'
import { untilPassed } from './passing.js'
import { collectionPath, type ObjectRef, objectPath } from './paths.js'
import { versionOf } from './watch-event.js'
import { WatchedLists } from './watched-lists.js'
import type { Channels } from './web-socket.js'

export type { Json } from './json.js'

/** The few verbs kubestrap needs of the Kubernetes API. Every method throws ApiError when the answer is no. */
export interface KubeClient {
  /** The object, or undefined when there is none. */
  get(ref: ObjectRef): Promise<Json | undefined>
  list(
    ref: Pick<ObjectRef, 'apiVersion' | 'kind'>,
    namespace?: string,
    query?: string,
  ): Promise<readonly Json[]>
  /**
   * As `list`, for those who wait for what others bring about and ask again and again: kept up to date by a watch, and
   * a few seconds old where that is silent. What a change depends on is asked for with `list` and `get`.
   */
  watched: KubeClient['list']
  create(object: ObjectRef): Promise<Json>
  /**
   * As `create`, for an object that nobody else makes, as its name or its namespace was drawn at random: sent again while the
   * answer is one that passes, and what is there then is what the lost request made.
   */
  createOwn(object: ObjectRef): Promise<Json>
  /** JSON merge patch (RFC 7386): objects are merged, lists and values replaced. */
  patch(ref: ObjectRef, patch: unknown): Promise<Json>
  /** Deletes; an object that is not there is fine. Foreground: what it owns goes first. */
  delete(ref: ObjectRef): Promise<void>
  /**
   * Asks that a Pod be deleted as its PodDisruptionBudgets allow, this one and no other of its name. A Pod that is not
   * there is fine.
   * @throws ApiError 429 where a budget does not allow it now
   */
  evict(pod: { name: string; namespace: string; uid: string }, apiVersion: string): Promise<void>
  /** GET of any path as text: "/readyz". */
  text(path: string, options?: SendOptions): Promise<{ status: number; body: string }>
  /** A path as a stream of channels, for exec and port-forward. */
  channels(path: string): Promise<Channels>
  close(): void
}

/** @param now milliseconds from a point that does not change, by which watches and the lists behind them are timed */
export function createKubeClient(http: HttpClient, now: () => number = () => performance.now()): KubeClient {
  const objectOf = (method: string, path: string, answer: Answer): Json => {
    if (answer.status < 200 || answer.status > 299) throw apiError(method, path, answer.status, answer.body)
    return asObject(`${method} ${path}`, answer)
  }
  const idempotent = (method: 'PATCH' | 'DELETE', path: string, options: SendOptions): Promise<Answer> =>
    untilPassed(() => http.send(method, path, options))
  const read = (path: string): Promise<Answer> => untilPassed(() => http.send('GET', path))
  const getAt = oncePerTurnAndPath(async (path): Promise<Json | undefined> => {
    const answer = await read(path)
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw apiError('GET', path, answer.status, answer.body)
    return asObject(`GET ${path}`, answer)
  })
  const listAt = oncePerTurnAndPath(async (path) => {
    const asked = `GET ${path}`
    const answer = await read(path)
    if (answer.status !== 200) throw apiError('GET', path, answer.status, answer.body)
    const list = asObject(asked, answer)
    const items = list.items ?? []
    if (!Array.isArray(items)) throw new BadAnswer(asked, 'items is no list', answer.host)
    return {
      items: items.map((item) => mustBeObject(asked, item, answer.host)),
      version: versionOf(textAt(list, 'metadata', 'resourceVersion')),
    }
  })
  const watches = new WatchedLists(http, listAt, now)
  const listPath = (...[ref, namespace, query]: Parameters<KubeClient['list']>): string =>
    `${collectionPath(ref, namespace)}${query ? `?${query}` : ''}`
  return {
    get: (ref) => getAt(objectPath(ref)),
    list: async (...which) => (await listAt(listPath(...which))).items,
    watched: (...which) => watches.look(listPath(...which)),
    create: async (object) => {
      const path = collectionPath(object, object.metadata.namespace)
      return objectOf('POST', path, await http.send('POST', path, { body: object }))
    },
    createOwn: async (object) => {
      const path = collectionPath(object, object.metadata.namespace)
      let sent = 0
      const answer = await untilPassed(() => {
        sent += 1
        return http.send('POST', path, { body: object })
      })
      const there = answer.status === 409 && sent > 1 ? await getAt(objectPath(object)) : undefined
      return there ?? objectOf('POST', path, answer)
    },
    patch: async (ref, patch) => {
      const options = { body: patch, contentType: 'application/merge-patch+json' }
      return objectOf('PATCH', objectPath(ref), await idempotent('PATCH', objectPath(ref), options))
    },
    delete: async (ref) => {
      const path = objectPath(ref)
      const answer = await idempotent('DELETE', path, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' },
      })
      if (answer.status !== 404 && (answer.status < 200 || answer.status > 299))
        throw apiError('DELETE', path, answer.status, answer.body)
    },
    evict: async ({ name, namespace, uid }, apiVersion) => {
      const path = `${objectPath({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } })}/eviction`
      const answer = await http.send('POST', path, {
        body: {
          apiVersion,
          kind: 'Eviction',
          metadata: { name, namespace },
          deleteOptions: { preconditions: { uid } },
        },
      })
      // 409: the Pod of that name is another one by now
      if (answer.status !== 404 && answer.status !== 409 && (answer.status < 200 || answer.status > 299))
        throw apiError('POST', path, answer.status, answer.body)
    },
    text: (path, options) => http.send('GET', path, options),
    channels: (path) => http.channels(path),
    close: () => {
      watches.close()
      http.close()
    },
  }
}

/**
 * What many ask for in one turn of the event loop is asked for once. It was not asked for before any of them did: what
 * the answer to an earlier change told is in it.
 */
function oncePerTurnAndPath<T>(ask: (path: string) => Promise<T>): (path: string) => Promise<T> {
  let current = new Map<string, Promise<T>>()
  return (path) => {
    const there = current.get(path)
    if (there) return there
    if (current.size === 0)
      setImmediate(() => {
        current = new Map()
      })
    const asked = ask(path)
    current.set(path, asked)
    return asked
  }
}

const asObject = (asked: string, answer: Answer): Json =>
  mustBeObject(asked, jsonOf(asked, answer), answer.host)
