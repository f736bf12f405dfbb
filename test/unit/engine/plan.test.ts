import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { Late } from '../../../src/engine/late.js'
import type { Phase } from '../../../src/engine/phase.js'
import { hasChanges, makePlan, type Plan } from '../../../src/engine/plan.js'
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
      'a/not': { kind: 'differs', changes: [{ kind: 'create', summary: 'make a/not' }] },
    })
    expect(log).toEqual(['probe a/there', 'probe a/not'])
  })

  it('starts every probe in one turn, so that the questions can travel together', async () => {
    const log: Log = []
    const pending = plan(phaseOf('p', memoryStep(log, 'a/x')), phaseOf('q', memoryStep(log, 'a/y')))
    expect(log).toEqual(['probe a/x', 'probe a/y'])
    await pending
  })

  it('lets a value found by one probe be part of a later step’s wish', async () => {
    const token = new Late<string>('the token')
    const finder = memoryStep([], 'a/find', {
      there: true,
      probe: async () => {
        token.set('abc')
        return true
      },
    })
    const user = memoryStep([], 'b/use', {
      needs: ['a/find'],
      diff: () => [{ kind: 'create', summary: token.get() }],
    })
    const found = await plan(phaseOf('p', finder, user))
    expect(found.get('b/use')).toEqual({ kind: 'differs', changes: [{ kind: 'create', summary: 'abc' }] })
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

describe('hasChanges', () => {
  const changes = [{ kind: 'create', summary: 'x' }] as const
  const graph = buildGraph([phaseOf('p', memoryStep([], 'x/a'))], undefined)
  it.each([
    ['nothing', new Map(), false],
    ['something converged', new Map([['x/a', { kind: 'converged' }]]), false],
    ['a difference', new Map([['x/a', { kind: 'differs', changes }]]), true],
    ['something unknown', new Map([['x/a', { kind: 'unknown', why: 'w' }]]), true],
  ] satisfies [string, Plan, boolean][])('of %s is %s', (_, found, expected) => {
    expect(hasChanges(graph, found)).toBe(expected)
    // what the graph leaves out is nobody's change
    expect(hasChanges({ phases: [], nodes: [] }, found)).toBe(false)
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
