import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../../src/engine/graph.js'
import { makePlan } from '../../../../src/engine/plan.js'
import type { Json, KubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { lifeStep } from '../../../../src/steps/rollout/life-step.js'
import {
  isSameRequest,
  type RolloutRecord,
  recordIn,
  recordObject,
} from '../../../../src/steps/rollout/request.js'
import { livesBefore, requestKey, requestStep } from '../../../../src/steps/rollout/request-steps.js'
import { contextOf, machine } from '../../../support/context.js'

const now = new Date('2026-11-29T20:00:00Z')
const record: RolloutRecord = {
  kind: 'reboot',
  hosts: ['cp1', 'w1'],
  id: 'earlier',
  begun: '2026-11-29T19:30:00.000Z',
  before: { 'cp1/boot': 'a', 'w1/boot': 'b' },
}

describe('the record of a rollout', () => {
  it('comes back from its object as it was', () => {
    expect(recordIn(recordObject(record))).toEqual(record)
  })

  it.each([
    undefined,
    {},
    { data: {} },
    { data: { request: 'no JSON' } },
    { data: { request: '{"kind":"burn"}' } },
    { data: { request: JSON.stringify({ ...record, begun: 'yesterday' }) } },
    { data: { request: JSON.stringify({ ...record, before: ['a'] }) } },
  ] as (Json | undefined)[])('is none where the cluster has %j', (object) => {
    expect(recordIn(object)).toBeUndefined()
  })

  it('is of the same request for the same hosts and the same deed, for a day', () => {
    const asked = { kind: 'reboot', hosts: ['cp1', 'w1'] } as const
    expect(isSameRequest(record, asked, now)).toBe(true)
    expect(isSameRequest(record, { ...asked, hosts: ['cp1'] }, now)).toBe(false)
    expect(isSameRequest(record, { ...asked, kind: 'restart' }, now)).toBe(false)
    expect(isSameRequest(record, asked, new Date(now.getTime() + 24 * 3_600_000))).toBe(false)
  })
})

describe('a request', () => {
  /** The plan of a reboot of cp1 and w1, whose boot ids are these now, in a cluster that has this record. */
  async function planned(
    boots: Record<string, string>,
    there: RolloutRecord | undefined,
    { again = false, id = 'this run' } = {},
  ) {
    const written: unknown[] = []
    const get = async () => there && (recordObject(there) as unknown as Json)
    const put = (verb: string, body: unknown): Promise<Json> => {
      written.push(verb, body)
      return Promise.resolve({})
    }
    const client = {
      get,
      create: (object: unknown) => put('create', object),
      patch: (_: unknown, object: unknown) => put('patch', object),
    } as unknown as KubeClient
    const machines = ['cp1', 'w1'].map((name) => machine({ name }))
    const context = contextOf(machines, {
      now: () => now,
      kube: Object.assign(async () => client, { renew: () => {} }),
    })
    const before = livesBefore()
    const resumed: unknown[] = []
    const living = Object.keys(boots).map((name) => ({
      key: `${name}/boot`,
      life: async () => boots[name] ?? '',
    }))
    const request = requestStep(context, {
      ...{ kind: 'reboot', hosts: ['cp1', 'w1'], living, id, again, before },
      onResumed: (...told) => resumed.push(told),
    })
    const reboots = living.map((of) =>
      lifeStep(
        { before },
        {
          of,
          id: 'reboot',
          title: 'reboot',
          target: of.key.replace('/boot', ''),
          needs: [requestKey],
          within: { id: of.key, holds: ['node'] },
          endsPods: true,
          change: { kind: 'restart', summary: `reboot ${of.key}` },
          apply: async () => {},
        },
      ),
    )
    const graph = buildGraph(
      [{ id: 'reboot', title: '', about: '', steps: () => [request, ...reboots] }],
      undefined,
    )
    const plan = await makePlan(graph)
    const due = [...plan].flatMap(([key, { kind }]) => (kind === 'differs' ? [key] : []))
    return { due, resumed, request, written }
  }
  const unchanged = { cp1: 'a', w1: 'b' }
  const all = ['cluster/rollout-request', 'cp1/reboot', 'w1/reboot']

  it('that is new is recorded, and everything is due', async () => {
    const { due, resumed, request, written } = await planned(unchanged, undefined)
    expect(due).toEqual(all)
    expect(resumed).toEqual([])
    const observed = await request.probe()
    await request.apply([], { observed, progress: () => {} })
    expect(written).toEqual(['create', recordObject({ ...record, id: 'this run', begun: now.toISOString() })])
  })

  it('that an earlier run began is continued: what lives anew is not due', async () => {
    const { due, resumed } = await planned({ cp1: 'a', w1: 'another' }, record)
    expect(due).toEqual(['cp1/reboot'])
    expect(resumed).toEqual([[record.begun, ['w1/boot']]])
  })

  it('is another after a day, with --again, or for other hosts: the record is written over', async () => {
    const boots = { cp1: 'a', w1: 'another' }
    expect((await planned(boots, record, { again: true })).due).toEqual(all)
    const old = { ...record, begun: '2026-11-28T19:00:00.000Z' }
    expect((await planned(boots, old)).due).toEqual(all)
    const { due, request, written } = await planned(boots, { ...record, hosts: ['w1'] })
    expect(due).toEqual(all)
    const observed = await request.probe()
    await request.apply([], { observed, progress: () => {} })
    expect(written).toEqual([
      'patch',
      recordObject({
        ...record,
        id: 'this run',
        begun: now.toISOString(),
        before: { 'cp1/boot': 'a', 'w1/boot': 'another' },
      }),
    ])
  })

  it('of this very run stays the same once it is recorded, also with --again', async () => {
    const { due } = await planned(
      { cp1: 'a', w1: 'another' },
      { ...record, id: 'mine' },
      {
        again: true,
        id: 'mine',
      },
    )
    expect(due).toEqual(['cp1/reboot'])
  })

  it('ends the run where the API cannot be asked, before anything is interrupted', async () => {
    const context = contextOf([machine({ name: 'cp1' })])
    const step = requestStep(context, {
      ...{ kind: 'reboot', hosts: ['cp1'], living: [], id: 'x', again: false, before: livesBefore() },
    })
    expect(step.guards).toBe(true)
    await expect(step.probe()).rejects.toMatchObject({
      kind: 'step',
      message: 'the Kubernetes API does not answer: no host is interrupted',
      why: 'no API here',
    })
  })
})
