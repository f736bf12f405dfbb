import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Connection, Outcome } from '../../../src/host/connection.js'
import { mutateScript } from '../../../src/host/mutate-script.js'
import { takeOverScript } from '../../../src/host/run-scripts.js'
import type { KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import type { ObjectRef } from '../../../src/kubernetes/client/paths.js'
import { at } from '../../../src/kubernetes/read.js'
import type { KubeAccess } from '../../../src/resources/kube-object.js'

/** One mutation of a run: "cp1: take over", "cluster: create ConfigMap kubeadm-config". */
export type Mutation = string

/** Before: the mutation is lost on its way. After: it is done, and its answer is lost. */
export type Side = 'before' | 'after'

/** Says of each mutation that is about to begin, counted from 1, whether the run is cut at it. */
export type CutWhere = (mutation: Mutation, ordinal: number) => Side | undefined

/** Holds a mutation that is about to begin until the promise is kept. */
export type HeldUntil = (mutation: Mutation) => Promise<void>

export interface CutPoint {
  at: number
  side: Side
}

export const cutAt =
  ({ at, side }: CutPoint): CutWhere =>
  (_mutation, ordinal) =>
    ordinal === at ? side : undefined

/** What a patch does, in kubectl's words. */
const verbOf = (patch: unknown): string => {
  const unschedulable = at(patch, 'spec', 'unschedulable')
  return unschedulable === undefined ? 'patch' : unschedulable === true ? 'cordon' : 'uncordon'
}

const never: CutWhere = () => undefined
const lost: Outcome = { kind: 'lost', reason: 'cut by the test' }

/**
 * Numbers the mutations of one run and cuts it at one of them: from then on every command and every
 * request of the run is lost, and so are the answers of those under way, which go on by themselves on
 * the host. A clock of its own stands in for waiting, since nothing that is waited for can come any more.
 */
export class Cut {
  readonly mutations: Mutation[] = []
  readonly #where: CutWhere
  readonly #held: HeldUntil | undefined
  readonly #cut: Promise<void>
  #fall: () => void = () => {}
  #over = false
  #waited = 0

  constructor(where: CutWhere = never, held?: HeldUntil) {
    this.#where = where
    this.#held = held
    this.#cut = new Promise((resolve) => {
      this.#fall = resolve
    })
  }

  /** Whether the run has been cut. */
  get over(): boolean {
    return this.#over
  }

  /** Milliseconds that have passed for the run beyond those that really have. */
  readonly ahead = (): number => this.#waited

  readonly sleep = async (ms: number): Promise<void> => {
    if (this.#over) {
      this.#waited += ms
      await new Promise((resolve) => setImmediate(resolve))
    } else await Promise.race([sleep(ms), this.#cut])
  }

  /** The connection as the run sees it. Taking the host over is a mutation like any other. */
  connection(name: string, connection: Connection): Connection {
    return {
      description: connection.description,
      run: (command) =>
        this.#through(
          titleOf(name, command),
          () => connection.run(command),
          () => lost,
        ),
      openTcp: async (host, port) => {
        if (this.#over) throw new Error('cut by the test')
        const stream = await connection.openTcp(host, port)
        void this.#cut.then(() => stream.destroy())
        return stream
      },
      close: () => connection.close(),
    }
  }

  /** Access to the API as the run sees it. */
  kube(access: KubeAccess): KubeAccess {
    const refuse = (): never => {
      throw new Error('socket hang up (cut by the test)')
    }
    const wrap = (client: KubeClient): KubeClient => {
      const write = <T>(verb: string, { kind, metadata: { name } }: ObjectRef, work: () => Promise<T>) =>
        this.#through(named(`cluster: ${verb} ${kind} ${name}`), work, refuse)
      const look = <T>(work: () => Promise<T>) => this.#through(undefined, work, refuse)
      return {
        get: (ref) => look(() => client.get(ref)),
        list: (ref, namespace, query) => look(() => client.list(ref, namespace, query)),
        watched: (ref, namespace, query) => look(() => client.watched(ref, namespace, query)),
        text: (path, options) => look(() => client.text(path, options)),
        channels: (path) => look(() => client.channels(path)),
        create: (object) => write('create', object, () => client.create(object)),
        createOwn: (object) => write('create', object, () => client.createOwn(object)),
        patch: (ref, patch) => write(verbOf(patch), ref, () => client.patch(ref, patch)),
        delete: (ref) => write('delete', ref, () => client.delete(ref)),
        evict: (pod, apiVersion) =>
          write('evict', { apiVersion: 'v1', kind: 'Pod', metadata: pod }, () =>
            client.evict(pod, apiVersion),
          ),
        close: () => client.close(),
      }
    }
    return Object.assign(async () => wrap(await access()), { renew: (host: string) => access.renew(host) })
  }

  async #through<T>(mutation: Mutation | undefined, work: () => Promise<T>, gone: () => T): Promise<T> {
    if (this.#over) return gone()
    const side = mutation === undefined ? undefined : this.#where(mutation, this.mutations.push(mutation))
    if (side !== undefined) {
      this.#over = true
      if (side === 'after') await work().catch(() => {})
      this.#fall()
      return gone()
    }
    if (mutation !== undefined) await this.#held?.(mutation)
    const doing = work()
    doing.catch(() => {})
    const first = await Promise.race([doing.then((value) => ({ value })), this.#cut])
    return first ? first.value : gone()
  }
}

/** What a command changes, in a line; undefined for one that only asks. */
function titleOf(host: string, { script, args = [] }: Command): Mutation | undefined {
  if (script === takeOverScript) return `${host}: take over`
  if (script !== mutateScript) return undefined
  const [, , notes = '', inner = '', ...rest] = args
  const line = inner.trim().split('\n')[0] ?? ''
  // what it is noted as tells `docker load` of one image from that of another
  return named(`${host}: ${line.slice(0, 50)} [${[...notes.split('\n'), ...rest].filter(Boolean).join(' ')}]`)
}

/** Without the time and the random part of names, so that the same change of two runs has one name. */
function named(title: string): Mutation {
  return title
    .replace(/\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d/g, 'TIME')
    .replace(/bootstrap-token-[a-z0-9]{6}/, 'bootstrap-token')
}
