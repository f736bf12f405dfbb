import type { Context } from '../../cluster/context.js'
import { Late, NotYet } from '../../engine/late.js'
import { clusterTarget, type Need, type Step, stepKey } from '../../engine/step.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { isBug, messageOf, UserError } from '../../lib/errors.js'
import type { Living } from './lives.js'
import {
  isSameRequest,
  type RolloutRecord,
  type RolloutRequest,
  recordIn,
  recordObject,
  recordRef,
} from './request.js'

/** What a rollout knows of its request. */
export interface Asked extends RolloutRequest {
  /** Everything that is ended and begun anew. */
  living: readonly Living[]
  /** Of this run, unique. */
  id: string
  /** What a run that was cut has done is done once more. */
  again: boolean
  /** The lives that are to end, by key. */
  before: Late<Readonly<Record<string, string>>>
  /** Told of a request of an earlier run that is gone on with, and of those whose life has ended since, by key. */
  onResumed?: ((begun: string, done: readonly string[]) => void) | undefined
}

/** As `Asked.before`, before anything is known. */
export const livesBefore = (): Asked['before'] => new Late('what runs before the rollout')

const id = 'rollout-request'

/** Key of the step that records a request. */
export const requestKey = stepKey({ target: clusterTarget, id })

interface Seen {
  record: RolloutRecord | undefined
  /** Whether there is an object, whatever is in it. */
  there: boolean
  now: Readonly<Record<string, string>>
}

/**
 * The request is in the cluster, with the lives that are to end, before the first of them does: a run that was cut is gone
 * on with, and what has been begun anew since is not begun anew again. Where the API cannot be asked nothing is done.
 */
export function requestStep(context: Context, asked: Asked): Step<Seen> {
  const usable = (record: RolloutRecord | undefined): record is RolloutRecord =>
    record !== undefined &&
    (record.id === asked.id || (!asked.again && isSameRequest(record, asked, context.now())))
  return {
    id,
    title: 'the request in the cluster',
    target: clusterTarget,
    needs: [],
    guards: true,
    probe: async () => {
      const [object, lives] = await Promise.all([
        asking(context, (client) => client.get(recordRef)),
        Promise.all(asked.living.map(async ({ key, life }) => [key, await life()] as const)),
      ])
      return { record: recordIn(object), there: object !== undefined, now: Object.fromEntries(lives) }
    },
    diff: ({ record }) =>
      usable(record)
        ? []
        : [
            {
              kind: 'create',
              summary: `record what runs now in ConfigMap ${recordRef.metadata.namespace}/${recordRef.metadata.name}`,
            },
          ],
    learn: ({ record, now }) => {
      asked.before.set(usable(record) ? record.before : now)
      if (usable(record) && record.id !== asked.id)
        asked.onResumed?.(
          record.begun,
          Object.keys(now).filter((key) => record.before[key] !== now[key]),
        )
    },
    apply: async (_, { observed }) => {
      const { kind, hosts } = asked
      const record = { kind, hosts, id: asked.id, begun: context.now().toISOString(), before: observed.now }
      const client = await context.kube()
      if (observed.there) await client.patch(recordRef, recordObject(record))
      else await client.create(recordObject(record))
    },
  }
}

/** The request has come to its end: the next one with the same words is another. */
export function requestEndStep(context: Context, needs: readonly Need[]): Step<Json | undefined> {
  return {
    id: 'rollout-end',
    title: 'the request has come to its end',
    target: clusterTarget,
    needs,
    settle: { withinMs: 60_000, everyMs: 1_000 },
    probe: async () => (await context.kube()).get(recordRef),
    diff: (object) =>
      object === undefined ? [] : [{ kind: 'remove', summary: 'remove the record of the rollout' }],
    apply: async () => (await context.kube()).delete(recordRef),
  }
}

/** Asks the API. Throws UserError with what to do where it gives no answer. */
async function asking<T>(context: Context, ask: (client: KubeClient) => Promise<T>): Promise<T> {
  try {
    return await ask(await context.kube())
  } catch (error) {
    if (isBug(error)) throw error
    throw new UserError('step', 'the Kubernetes API does not answer: no host is interrupted', {
      why:
        error instanceof NotYet
          ? 'no control plane node that is reached has /etc/kubernetes/admin.conf'
          : messageOf(error),
      next: 'make a control plane node answer first: kubestrap status',
      cause: error,
    })
  }
}
