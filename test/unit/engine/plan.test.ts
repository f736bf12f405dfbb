import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { Late } from '../../../src/engine/late.js'
import type { Phase } from '../../../src/engine/phase.js'
import {
  type Finding,
  failedLooks,
  makePlan,
  type Outlook,
  outlook,
  type Plan,
} from '../../../src/engine/plan.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { type Log, memoryStep, phaseOf } from './memory-step.js'

const plan = (...phases: Phase<undefined>[]): Promise<Plan> => makePlan(buildGraph(phases, undefined))
const throwing = (error: Error) => () => Promise.reject(error)

describe('makePlan', () => {
  it('finds what is converged and what differs, and applies nothing', async () => {
    const log: Log = []
    const found = await plan(
      phaseOf('p', memoryStep(log, 'a/there', { there: true }), memoryStep(log, 'a/not')),
    )
    expect(Object.fromEntries(found)).toEqual({
      'a/there': { kind: 'converged' },
      'a/not': { kind: 'differs', changes: [{ kind: 'create', summary: 'make a/not' }], observed: false },
    })
    expect(log).toEqual(['probe a/there', 'probe a/not'])
  })

  it('starts every probe in one turn, so that the questions can travel together', async () => {
    const log: Log = []
    const pending = plan(phaseOf('p', memoryStep(log, 'a/x')), phaseOf('q', memoryStep(log, 'a/y')))
    expect(log).toEqual(['probe a/x', 'probe a/y'])
    await pending
  })

  describe('what is only awaited', () => {
    const awaiting = (comesAt: number, before?: string) => {
      let looks = 0
      const step = memoryStep([], 'a/awaited', {
        ...(before ? { needs: [before] } : {}),
        probe: async () => {
          looks += 1
          return looks >= comesAt
        },
        waits: true,
      })
      return { step, looks: () => looks }
    }
    /** With a clock that goes on while it sleeps. */
    const patient = (...phases: Phase<undefined>[]): Promise<Plan> => {
      let now = 0
      const sleep = async (ms: number): Promise<void> => {
        now += ms
      }
      return makePlan(buildGraph(phases, undefined), { now: () => new Date(now), sleep })
    }

    it('is given a moment, and then all is looked at again', async () => {
      const log: Log = []
      const { step } = awaiting(3)
      const found = await patient(phaseOf('p', memoryStep(log, 'a/there', { there: true }), step))
      expect([...found.values()].map(({ kind }) => kind)).toEqual(['converged', 'converged'])
      expect(log).toEqual(['probe a/there', 'probe a/there'])
    })

    it('is a difference where it does not come about', async () => {
      const { step } = awaiting(Number.POSITIVE_INFINITY)
      expect((await patient(phaseOf('p', step))).get('a/awaited')).toMatchObject({ kind: 'differs' })
    })

    it('is looked at once where something before it is to be changed', async () => {
      const { step, looks } = awaiting(3, 'a/not')
      await patient(phaseOf('p', memoryStep([], 'a/not'), step))
      expect(looks()).toBe(1)
    })
  })

  it('lets a value found by one probe be part of a later step’s wish', async () => {
    const token = new Late<string>('the token')
    const finder = memoryStep([], 'a/find', { there: true, learn: () => token.set('abc') })
    const user = memoryStep([], 'b/use', {
      needs: ['a/find'],
      diff: () => [{ kind: 'create', summary: token.get() }],
    })
    const found = await plan(phaseOf('p', finder, user))
    expect(found.get('b/use')).toMatchObject({ changes: [{ kind: 'create', summary: 'abc' }] })
  })

  it('has nothing learned from a look in which something was refused', async () => {
    const token = new Late<string>('the token')
    const finder = memoryStep([], 'a/find', {
      diff: () => {
        throw new Error('of another cluster')
      },
      learn: () => token.set('abc'),
    })
    const user = memoryStep([], 'b/use', {
      needs: ['a/find'],
      diff: () => [{ kind: 'create', summary: token.get() }],
    })
    const found = await plan(phaseOf('p', finder, user))
    expect([...found.values()].map(({ kind }) => kind)).toEqual(['failed', 'unknown'])
    expect(token.known).toBe(false)
  })

  it('calls what hangs on a value not there yet unknown, and says on which', async () => {
    const token = new Late<string>('the token')
    const step = memoryStep([], 'a/use', { diff: () => [{ kind: 'create', summary: token.get() }] })
    expect((await plan(phaseOf('p', step))).get('a/use')).toEqual({ kind: 'unknown', why: 'the token' })
  })

  it('calls a probe that fails unknown while something before it is still to be made', async () => {
    const api = memoryStep([], 'c/api', { probe: throwing(new Error('refused')) })
    const found = await plan(phaseOf('p', memoryStep([], 'c/server')), phaseOf('q', api))
    expect(found.get('c/api')?.kind).toBe('unknown')
  })

  it('calls it failed when all before it is converged: then there was something to look at', async () => {
    const error = new Error('refused')
    const api = memoryStep([], 'c/api', { probe: throwing(error) })
    const server = memoryStep([], 'c/server', { there: true })
    const found = await plan(phaseOf('p', server), phaseOf('q', api))
    expect(found.get('c/api')).toEqual({ kind: 'failed', error })
  })

  it('carries the unknown on along a chain', async () => {
    const broken = (key: string) => memoryStep([], key, { probe: throwing(new Error('refused')) })
    const found = await plan(
      phaseOf('p', memoryStep([], 'a/x')),
      phaseOf('q', broken('a/y')),
      phaseOf('r', broken('a/z')),
    )
    expect([...found.values()].map(({ kind }) => kind)).toEqual(['differs', 'unknown', 'unknown'])
  })

  it('reports a diff that throws like a probe that does', async () => {
    const error = new Error('a directory is in the way')
    const step = memoryStep([], 'a/x', {
      diff: () => {
        throw error
      },
    })
    expect((await plan(phaseOf('p', step))).get('a/x')).toEqual({ kind: 'failed', error })
  })
})

describe('outlook', () => {
  const changes = [{ kind: 'create', summary: 'x' }] as const
  const graph = buildGraph([phaseOf('p', memoryStep([], 'x/a'), memoryStep([], 'x/b'))], undefined)
  const converged = { kind: 'converged' } as const
  const failed = { kind: 'failed', error: new Error('no') } as const
  it.each([
    ['nothing looked at', [], 'unsure'],
    ['one step not looked at', [['x/a', converged]], 'unsure'],
    [
      'all converged',
      [
        ['x/a', converged],
        ['x/b', converged],
      ],
      'nothing',
    ],
    [
      'a difference',
      [
        ['x/a', { kind: 'differs', changes, observed: false }],
        ['x/b', converged],
      ],
      'changes',
    ],
    [
      'something unknown',
      [
        ['x/a', { kind: 'unknown', why: 'w' }],
        ['x/b', converged],
      ],
      'changes',
    ],
    [
      'a look that failed',
      [
        ['x/a', failed],
        ['x/b', converged],
      ],
      'unsure',
    ],
    [
      'a look that failed beside a difference',
      [
        ['x/a', failed],
        ['x/b', { kind: 'differs', changes, observed: false }],
      ],
      'unsure',
    ],
  ] satisfies [string, [string, Finding][], Outlook][])('of %s is told', (_, found, expected) => {
    const plan: Plan = new Map<string, Finding>(found)
    expect(outlook(graph, plan)).toBe(expected)
    expect(failedLooks(graph, plan).map(({ node }) => node.key)).toEqual(
      plan.get('x/a') === failed ? ['x/a'] : [],
    )
    // what the graph leaves out is nobody's change
    expect(outlook({ phases: [], nodes: [] }, plan)).toBe('nothing')
  })
})

describe('a look that ends badly', () => {
  it('is a bug at once, also where something before it is still to be made', async () => {
    const broken = memoryStep([], 'a/y', { probe: throwing(new TypeError('x is undefined')) })
    await expect(plan(phaseOf('p', memoryStep([], 'a/x')), phaseOf('q', broken))).rejects.toThrow(
      'x is undefined',
    )
    const wrong = memoryStep([], 'a/z', {
      diff: () => {
        throw new ReferenceError('y is not defined')
      },
    })
    await expect(plan(phaseOf('p', memoryStep([], 'a/x')), phaseOf('q', wrong))).rejects.toThrow(
      'y is not defined',
    )
  })

  it('is no look at all when the host gave no answer, whatever is still to be made before it', async () => {
    const error = new NoAnswer('no answer within 10 s', { host: 'a' })
    const silent = memoryStep([], 'a/y', { probe: throwing(error) })
    const found = await plan(phaseOf('p', memoryStep([], 'a/x')), phaseOf('q', silent))
    expect(found.get('a/y')).toEqual({ kind: 'failed', error })
  })
})

describe('Late', () => {
  it('throws what is missing until it is set, and then gives it, undefined included', () => {
    const value = new Late<string | undefined>('the pod range')
    expect(() => value.get()).toThrow('not known yet: the pod range')
    expect(value.known).toBe(false)
    value.set(undefined)
    expect(value.get()).toBeUndefined()
    expect(value.known).toBe(true)
  })
})
