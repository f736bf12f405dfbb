import { describe, expect, it } from 'vitest'
import { buildGraph, restrict } from '../../../src/engine/graph.js'
import type { Phase } from '../../../src/engine/phase.js'
import type { Need } from '../../../src/engine/step.js'
import { memoryStep, phaseOf } from './memory-step.js'

const step = (key: string, needs?: readonly Need[]) => memoryStep([], key, needs ? { needs } : {})
/** What each step waits for, by key. */
const waits = (...phases: Phase<undefined>[]): Record<string, readonly string[]> =>
  Object.fromEntries(buildGraph(phases, undefined).nodes.map((node) => [node.key, node.after]))

const files = phaseOf('files', step('a/one'), step('a/two'), step('b/one'))

describe('buildGraph', () => {
  it('lets a step without needs follow every earlier phase on its own target, and no other target', () => {
    expect(waits(files, phaseOf('start', step('a/up'), step('b/up')))).toMatchObject({
      'a/one': [],
      'a/two': [],
      'a/up': ['a/one', 'a/two'],
      'b/up': ['b/one'],
    })
  })

  it.each([
    ['one step', ['b/one'], ['b/one']],
    ['a step on every target', ['*/one'], ['a/one', 'b/one']],
    ['a phase on one target', ['a/@files'], ['a/one', 'a/two']],
    ['a phase on every target', ['*/@files'], ['a/one', 'a/two', 'b/one']],
    ['the same step twice', ['a/one', '*/one'], ['a/one', 'b/one']],
    ['a phase without a step on that target', ['c/@files'], []],
    ['nothing, said out loud', [], []],
    ['a starred step nobody has', ['*/none'], []],
  ])('takes a need for %s', (_, needs, after) => {
    expect(waits(files, phaseOf('start', step('c/up', needs)))['c/up']).toEqual(after)
  })

  it('takes everything after the first slash for the id', () => {
    const path = { ...step('a/x'), id: 'file:/etc/hosts' }
    const graph = waits(phaseOf('p', path), phaseOf('q', step('b/y', ['a/file:/etc/hosts'])))
    expect(graph['b/y']).toEqual(['a/file:/etc/hosts'])
  })

  it('lets a step that needs its own whole phase wait for the others of it', () => {
    expect(waits(phaseOf('p', step('a/one'), step('a/last', ['a/@p'])))['a/last']).toEqual(['a/one'])
  })

  it('puts every step after those it waits for, also those of a later phase', () => {
    const graph = buildGraph(
      [phaseOf('p', step('a/first', ['a/@q'])), phaseOf('q', step('a/second', []))],
      undefined,
    )
    expect(graph.nodes.map((node) => node.key)).toEqual(['a/second', 'a/first'])
  })

  it.each([
    ['a step that is not there', 'a/none', 'no step for need a/none'],
    ['a step on a target that has it not', 'b/two', 'no step for need b/two'],
    ['a phase that is not there', 'a/@none', 'no phase for need a/@none'],
    ['a starred phase that is not there', '*/@none', 'no phase for need */@none'],
    ['a text without a slash', 'one', 'no step for need one'],
  ])('refuses a need for %s', (_, need, message) => {
    expect(() => waits(files, phaseOf('start', step('a/up', [need])))).toThrow(message)
  })

  it('refuses two steps of one name, also in different phases', () => {
    expect(() => waits(files, phaseOf('more', step('a/one')))).toThrow('two steps have the key a/one')
  })

  it('refuses a cycle and names the way round', () => {
    const phase = phaseOf('p', step('a/x', ['a/y']), step('a/y', ['b/z']), step('b/z', ['a/x']))
    expect(() => waits(phase)).toThrow('steps depend on each other: a/x → a/y → b/z → a/x')
  })
})

describe('restrict', () => {
  it('keeps the chosen steps and forgets what they waited for elsewhere', () => {
    const graph = buildGraph([files, phaseOf('start', step('a/up'), step('b/up'))], undefined)
    const kept = restrict(graph, (node) => node.key !== 'a/two' && node.step.target === 'a')
    expect(kept.nodes.map((node) => [node.key, node.after])).toEqual([
      ['a/one', []],
      ['a/up', ['a/one']],
    ])
  })

  it('drops phases nothing is left of', () => {
    const graph = buildGraph([files, phaseOf('start', step('a/up'))], undefined)
    expect(restrict(graph, (node) => node.phase === 'start').phases.map(({ id }) => id)).toEqual(['start'])
  })
})
