import { describe, expect, it } from 'vitest'
import { buildGraph, restrict } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import type { Phase } from '../../../src/engine/phase.js'
import type { Need, Step } from '../../../src/engine/step.js'
import { memoryStep, phaseOf } from './memory-step.js'

const step = (key: string, needs?: readonly Need[]) => memoryStep([], key, needs ? { needs } : {})
/** What each step waits for, by key. */
const waits = (...phases: Phase<undefined>[]): Record<string, readonly string[]> =>
  Object.fromEntries(buildGraph(phases, undefined).nodes.map((node) => [node.key, keysBehind(node.after)]))

const files = phaseOf('files', step('a/one'), step('a/two'), step('b/one'))
const kinds = phaseOf('kinds', step('a/file:x'), step('a/file:y'), step('b/file:x'))

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
    ['a kind on one target', ['a/file:*'], ['a/file:x', 'a/file:y']],
    ['a kind on every target', ['*/file:*'], ['a/file:x', 'a/file:y', 'b/file:x']],
    ['a kind nobody has', ['a/none:*'], []],
  ])('takes a need for %s', (_, needs, after) => {
    expect(waits(files, kinds, phaseOf('start', step('c/up', needs)))['c/up']).toEqual(after)
  })

  it('takes everything after the first slash for the id', () => {
    const path = { ...step('a/x'), id: 'file:/etc/hosts' }
    const graph = waits(phaseOf('p', path), phaseOf('q', step('b/y', ['a/file:/etc/hosts'])))
    expect(graph['b/y']).toEqual(['a/file:/etc/hosts'])
  })

  it('lets a step that needs its own whole phase wait for the others of it', () => {
    expect(waits(phaseOf('p', step('a/one'), step('a/last', ['a/@p'])))['a/last']).toEqual(['a/one'])
  })

  it('has one edge to a joint, however many wait for however many', () => {
    const many = (id: string, needs?: readonly Need[]) =>
      phaseOf(id, ...Array.from({ length: 50 }, (_, i) => step(`h${i}/${id}`, needs)))
    const { nodes } = buildGraph([many('p'), many('q', ['*/@p'])], undefined)
    const waiting = nodes.filter(({ phase }) => phase === 'q')
    expect(new Set(waiting.flatMap(({ after }) => after)).size).toBe(1)
    expect(waiting.every(({ after }) => keysBehind(after).length === 50)).toBe(true)
  })

  it('keeps apart what must have succeeded and what must only have ended', () => {
    const last = memoryStep([], 'c/last', { needs: ['b/one'], follows: ['a/@files'] })
    const node = buildGraph([files, phaseOf('start', last)], undefined).nodes.at(-1)
    expect(keysBehind(node?.after ?? [])).toEqual(['b/one'])
    expect(keysBehind(node?.follows ?? [])).toEqual(['a/one', 'a/two'])
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

  it('refuses one that goes through all of a phase', () => {
    const first = phaseOf('p', step('a/x', ['*/@q']), step('a/y', ['*/@q']))
    const second = phaseOf('q', step('b/x', []), step('b/z', ['a/y']))
    expect(() => waits(first, second)).toThrow('steps depend on each other: a/x → b/z → a/y → b/z')
  })
})

describe('restrict', () => {
  it('keeps the chosen steps and forgets what they waited for elsewhere', () => {
    const graph = buildGraph([files, phaseOf('start', step('a/up'), step('b/up'))], undefined)
    const kept = restrict(graph, (node) => node.key !== 'a/two' && node.step.target === 'a')
    expect(kept.nodes.map((node) => [node.key, keysBehind(node.after)])).toEqual([
      ['a/one', []],
      ['a/up', ['a/one']],
    ])
  })

  it('keeps the order of what is left: what waited for a dropped step waits for what that one waited for', () => {
    const follows = (key: string, of: string) => memoryStep([], key, { needs: [], follows: [of] })
    const graph = buildGraph(
      [
        phaseOf('one', step('a/x', []), step('b/x', [])),
        phaseOf('two', step('a/y', ['a/x']), follows('b/y', 'b/x')),
        phaseOf('three', step('a/z', ['*/@two'])),
      ],
      undefined,
    )
    const kept = restrict(graph, (node) => node.phase !== 'two')
    expect(
      kept.nodes.map(({ key, after, follows: ended }) => [key, keysBehind(after), keysBehind(ended)]),
    ).toEqual([
      ['a/x', [], []],
      ['b/x', [], []],
      // what b/y only followed may have failed
      ['a/z', ['a/x'], ['b/x']],
    ])
  })

  it('keeps what leaves a transaction that is entered, and what waits for its end, after what enters it', () => {
    const [own, other] = ['a/node', 'b/node'].map((id) => ({ id, holds: ['node' as const] }))
    if (!own || !other) throw new Error('no transaction')
    const within = (key: string, more: Partial<Step<boolean>> = {}) =>
      memoryStep([], key, { within: key.startsWith('a') ? own : other, ...more })
    const graph = buildGraph(
      [
        phaseOf('packages', within('a/file'), step('b/one')),
        phaseOf('runtime', within('a/service'), within('b/service')),
        phaseOf(
          'uncordon',
          within('a/ready', { waits: true, needs: ['a/@runtime'] }),
          within('a/uncordon', { leaves: true, needs: ['a/@runtime'] }),
          within('b/uncordon', { leaves: true }),
        ),
      ],
      undefined,
    )
    const kept = restrict(graph, (node) => node.phase === 'packages')
    expect(kept.nodes.map(({ key, after }) => [key, keysBehind(after)])).toEqual([
      ['a/file', []],
      ['b/one', []],
      ['a/ready', ['a/file']],
      ['a/uncordon', ['a/file']],
    ])
    expect(kept.phases.map(({ id }) => id)).toEqual(['packages', 'uncordon'])
  })

  it('drops phases nothing is left of', () => {
    const graph = buildGraph([files, phaseOf('start', step('a/up'))], undefined)
    expect(restrict(graph, (node) => node.phase === 'start').phases.map(({ id }) => id)).toEqual(['start'])
  })
})
