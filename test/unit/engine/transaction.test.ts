import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.js'
import type { Rollout } from '../../../src/engine/gates.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { makePlan } from '../../../src/engine/plan.js'
import { runPlan } from '../../../src/engine/run.js'
import type { Disruption, Step } from '../../../src/engine/step.js'
import { placeTransactions, type Transaction } from '../../../src/engine/transaction.js'
import { type Log, memoryStep, phaseOf } from './memory-step.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

const inTransaction = (log: Log, target: string, over: Partial<Transaction> = {}): Transaction => ({
  id: `${target}/node`,
  holds: ['node'],
  guard: async () => {
    log.push(`guard ${target}`)
  },
  vacate: async () => {
    log.push(`vacate ${target}`)
    await turn()
  },
  ...over,
})

/** A step of a transaction that interrupts something when it changes. */
const interrupts = (
  log: Log,
  key: string,
  within: Transaction,
  over: Parameters<typeof memoryStep>[2] = {},
) => memoryStep(log, key, { within, disrupts: () => 'node', vacates: () => true, ...over })

/** Takes back what `vacate` did, which the log tells. */
const leaves = (log: Log, target: string, within: Transaction, over: Partial<Step<boolean>> = {}) =>
  memoryStep(log, `${target}/leave`, {
    within,
    leaves: true,
    probe: async () => log.lastIndexOf(`vacate ${target}`) <= log.lastIndexOf(`left ${target}`),
    apply: async () => {
      log.push(`left ${target}`)
    },
    ...over,
  })

/** A guard that gives its turn back until another target is left, which it needs to be available. */
const untilLeft =
  (log: Log, target: string): NonNullable<Transaction['guard']> =>
  async (_context, _absent, meanwhile) => {
    for (let i = 0; !log.includes(`left ${target}`); i += 1) {
      if (i === 50) throw new Error(`${target} is not available`)
      await meanwhile(turn as () => Promise<void>)
    }
  }

async function run(
  steps: readonly Step<boolean>[],
  {
    rollout,
    signal,
    log,
    ended,
  }: { rollout?: Rollout; signal?: AbortSignal; log?: Log; ended?: () => string | undefined } = {},
) {
  const graph = buildGraph(
    steps.map((step, i) => phaseOf(`p${i}`, step)),
    undefined,
  )
  const plan = await makePlan(graph)
  if (log) log.length = 0
  const events: RunEvent[] = []
  const result = await runPlan(graph, plan, {
    emit: (event) => events.push(event),
    now: () => 0,
    sleep: turn as () => Promise<void>,
    ...(rollout ? { rollout } : {}),
    ...(signal ? { signal } : {}),
    ...(ended ? { ended } : {}),
  })
  return { ...result, events, ended: Object.fromEntries(result.statuses) }
}

const told = (log: Log): string[] => log.filter((line) => !line.startsWith('probe'))

describe('a transaction', () => {
  it('is not left by a run that lost the cluster: the one that has it may have entered, too', async () => {
    const log: Log = []
    let lost: string | undefined
    const own = inTransaction(log, 'a')
    const step = interrupts(log, 'a/x', own, {
      apply: async () => {
        lost = 'taken over by b@laptop'
      },
    })
    const { ended } = await run([step, leaves(log, 'a', own)], { ended: () => lost })
    expect(told(log)).toEqual(['guard a', 'vacate a'])
    expect(ended['a/leave']).toBe('skipped')
  })

  it('is not entered where nothing inside changes', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    await run([interrupts(log, 'a/x', own, { there: true }), leaves(log, 'a', own)])
    expect(told(log)).toEqual([])
  })

  it('is not entered by a change that interrupts nothing', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    const { ended } = await run([
      interrupts(log, 'a/x', own, { disrupts: () => undefined }),
      leaves(log, 'a', own),
    ])
    expect(told(log)).toEqual(['apply a/x'])
    expect(ended).toEqual({ 'a/x': 'changed', 'a/leave': 'ok' })
  })

  it('is entered once and left before the next one is entered', async () => {
    const log: Log = []
    const steps = ['a', 'b', 'c'].flatMap((target) => {
      const own = inTransaction(log, target)
      return [
        interrupts(log, `${target}/x`, own),
        memoryStep(log, `${target}/between`),
        interrupts(log, `${target}/y`, own),
        leaves(log, target, own),
      ]
    })
    const { ended } = await run(steps)
    const one = (target: string): string[] => [
      `guard ${target}`,
      `vacate ${target}`,
      `apply ${target}/x`,
      `apply ${target}/between`,
      `apply ${target}/y`,
      `left ${target}`,
    ]
    // what interrupts nothing and comes first need not wait; between the steps of one it comes in its place
    expect(told(log)).toEqual(['a', 'b', 'c'].flatMap(one))
    expect(new Set(Object.values(ended))).toEqual(new Set(['changed']))
  })

  it('tells of those that wait for their turn, and when it has come', async () => {
    const log: Log = []
    const steps = ['a', 'b', 'c'].map((target) => interrupts(log, `${target}/x`, inTransaction(log, target)))
    const { events } = await run([...steps, memoryStep(log, 'd/x', { disrupts: () => 'node' })])
    const waits = events.flatMap((event) =>
      event.type === 'step-waiting' || event.type === 'step-resumed'
        ? [`${event.type} ${event.step.key}`]
        : [],
    )
    // the first has its turn at once, though the one without a transaction asks before it
    expect(waits.slice(0, 3).sort()).toEqual(['b/x', 'c/x', 'd/x'].map((key) => `step-waiting ${key}`))
    expect(waits.slice(3)).toEqual(['b/x', 'c/x', 'd/x'].map((key) => `step-resumed ${key}`))
    for (const event of events) if (event.type === 'step-waiting') expect(event.for).toEqual(['node'])
  })

  it('moves away what runs there only for a change that ends it', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    const { ended } = await run([
      interrupts(log, 'a/x', own, { vacates: () => false }),
      interrupts(log, 'a/y', own),
      interrupts(log, 'a/z', own),
      leaves(log, 'a', own),
    ])
    expect(told(log)).toEqual(['guard a', 'apply a/x', 'vacate a', 'apply a/y', 'apply a/z', 'left a'])
    expect(ended['a/leave']).toBe('changed')
  })

  it('waits for all that its later steps wait for, before it is entered', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    const other = memoryStep(log, 'b/first', {
      apply: async () => {
        await turn()
        log.push('apply b/first')
      },
      diff: () => (log.includes('apply b/first') ? [] : [{ kind: 'create', summary: 'it' }]),
    })
    await run([
      other,
      interrupts(log, 'a/x', own),
      interrupts(log, 'a/y', own, { needs: ['a/x', 'b/first'] }),
      leaves(log, 'a', own),
    ])
    expect(told(log).slice(0, 3)).toEqual(['apply b/first', 'guard a', 'vacate a'])
  })

  it('is not entered where something that a later step waits for failed', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    const { ended, errors } = await run([
      memoryStep(log, 'b/first', { fails: 'broken' }),
      interrupts(log, 'a/x', own),
      interrupts(log, 'a/y', own, { needs: ['a/x', 'b/first'] }),
      leaves(log, 'a', own),
    ])
    expect(ended).toEqual({ 'b/first': 'failed', 'a/x': 'blocked', 'a/y': 'skipped', 'a/leave': 'skipped' })
    expect(errors).toHaveLength(1)
    expect(told(log)).toEqual(['apply b/first'])
  })

  it('is left after a failure inside, and blocks the next', async () => {
    const log: Log = []
    const [a, b] = [inTransaction(log, 'a'), inTransaction(log, 'b')]
    const { ended } = await run([
      interrupts(log, 'a/x', a, { fails: 'broken' }),
      leaves(log, 'a', a),
      interrupts(log, 'b/x', b),
      leaves(log, 'b', b),
    ])
    expect(ended).toEqual({ 'a/x': 'failed', 'a/leave': 'changed', 'b/x': 'blocked', 'b/leave': 'skipped' })
    expect(told(log)).toEqual(['guard a', 'vacate a', 'apply a/x', 'left a'])
  })

  it('is left when the run is told to stop inside, and when a bug ends it', async () => {
    for (const end of ['stop', 'bug']) {
      const log: Log = []
      const controller = new AbortController()
      const own = inTransaction(log, 'a')
      const ran = run(
        [
          interrupts(log, 'a/x', own, {
            apply: async () => {
              log.push('apply a/x')
              if (end === 'bug') throw new TypeError('a bug')
              controller.abort()
            },
            diff: () => (log.includes('apply a/x') ? [] : [{ kind: 'restart', summary: 'it' }]),
          }),
          interrupts(log, 'a/y', own),
          leaves(log, 'a', own),
        ],
        { signal: controller.signal },
      )
      if (end === 'bug') await expect(ran).rejects.toThrow('a bug')
      else expect((await ran).ended).toEqual({ 'a/x': 'changed', 'a/y': 'skipped', 'a/leave': 'changed' })
      expect(told(log)).toEqual(['guard a', 'vacate a', 'apply a/x', 'left a'])
    }
  })

  it('that was cut is left by the next run, entered or not', async () => {
    const log: Log = []
    const own = inTransaction(log, 'a')
    log.push('vacate a')
    const { ended } = await run([interrupts(log, 'a/x', own, { there: true }), leaves(log, 'a', own)])
    expect(ended).toEqual({ 'a/x': 'ok', 'a/leave': 'changed' })
  })

  it('fails once where the cluster cannot do without, with what is wrong', async () => {
    const log: Log = []
    const guard = async (): Promise<void> => {
      throw new Error('w3 is not Ready')
    }
    const [a, b] = [inTransaction(log, 'a', { guard }), inTransaction(log, 'b')]
    const { ended, errors } = await run([
      interrupts(log, 'a/x', a),
      interrupts(log, 'a/y', a, { needs: [] }),
      leaves(log, 'a', a),
      interrupts(log, 'b/x', b),
    ])
    expect(ended).toEqual({ 'a/x': 'failed', 'a/y': 'blocked', 'a/leave': 'skipped', 'b/x': 'blocked' })
    expect(errors.map(({ error }) => String(error))).toEqual(['Error: w3 is not Ready'])
    expect(told(log)).toEqual([])
  })

  it('fails once where what runs there cannot be moved away, however many steps wait for that', async () => {
    const log: Log = []
    const vacate = async (): Promise<void> => {
      await turn()
      throw new Error('a budget does not allow it')
    }
    const own = inTransaction(log, 'a', { vacate })
    const { ended, errors } = await run([
      interrupts(log, 'a/x', own, { needs: [] }),
      interrupts(log, 'a/y', own, { needs: [] }),
      interrupts(log, 'a/z', own, { needs: [] }),
      leaves(log, 'a', own),
    ])
    expect(ended).toEqual({ 'a/x': 'failed', 'a/y': 'blocked', 'a/z': 'blocked', 'a/leave': 'ok' })
    expect(errors.map(({ error }) => String(error))).toEqual(['Error: a budget does not allow it'])
  })

  it('gives its turn back while it waits for another one that needs it to come back', async () => {
    const log: Log = []
    const holds: Disruption[] = ['etcd', 'node']
    const a = inTransaction(log, 'a', {
      holds,
      guard: async (...how) => {
        await untilLeft(log, 'b')(...how)
        log.push('guard a')
      },
    })
    // a run before this one drained it: it is out already, and its other part is to restart
    log.push('vacate b')
    const b = inTransaction(log, 'b', { holds, absent: async () => ['node'] })
    const { ended } = await run([
      interrupts(log, 'a/x', a),
      leaves(log, 'a', a),
      interrupts(log, 'b/x', b, { vacates: () => false }),
      leaves(log, 'b', b),
    ])
    expect(told(log)).toEqual([
      'vacate b',
      'guard b',
      'apply b/x',
      'left b',
      'guard a',
      'vacate a',
      'apply a/x',
      'left a',
    ])
    expect(new Set(Object.values(ended))).toEqual(new Set(['changed']))
  })

  it('and a restart that is planned behind it keeps that other one out no longer', async () => {
    const log: Log = []
    const holds: Disruption[] = ['etcd', 'node']
    const a = inTransaction(log, 'a', { holds, guard: untilLeft(log, 'b') })
    log.push('vacate b')
    const b = inTransaction(log, 'b', { holds, absent: async () => ['node'] })
    const { ended } = await run([
      interrupts(log, 'a/x', a),
      leaves(log, 'a', a),
      // marked by an earlier run: it waits for the transaction, and comes before b
      memoryStep(log, 'a/static', { needs: ['a/leave'], disrupts: () => 'etcd' }),
      interrupts(log, 'b/x', b, { vacates: () => false }),
      leaves(log, 'b', b),
    ])
    expect(new Set(Object.values(ended))).toEqual(new Set(['changed']))
  })

  it('is blocked by what failed meanwhile', async () => {
    const log: Log = []
    const a = inTransaction(log, 'a', {
      guard: async (_context, _absent, meanwhile) => {
        for (;;) await meanwhile(turn as () => Promise<void>)
      },
    })
    const b = inTransaction(log, 'b')
    const { ended } = await run([
      interrupts(log, 'a/x', a),
      leaves(log, 'a', a),
      interrupts(log, 'b/x', b, { fails: 'broken' }),
      leaves(log, 'b', b),
    ])
    expect(ended).toEqual({ 'a/x': 'blocked', 'a/leave': 'skipped', 'b/x': 'failed', 'b/leave': 'changed' })
  })

  it('as many at once as the rollout allows, and as many failures', async () => {
    for (const { width, maxFailed, most, blocked } of [
      { width: 1, maxFailed: 0, most: 1, blocked: 5 },
      { width: 2, maxFailed: 0, most: 2, blocked: 4 },
      { width: 3, maxFailed: 1, most: 3, blocked: 2 },
      { width: 99, maxFailed: 0, most: 6, blocked: 0 },
    ]) {
      const log: Log = []
      let inside = 0
      let seen = 0
      const steps = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((target) => {
        const own = inTransaction(log, target)
        return [
          interrupts(log, `${target}/x`, own, {
            apply: async () => {
              inside += 1
              seen = Math.max(seen, inside)
              for (let i = 0; i < 5; i += 1) await turn()
              inside -= 1
              throw new Error('broken')
            },
          }),
          leaves(log, target, own),
        ]
      })
      const { ended } = await run(steps, {
        rollout: { width: { node: width }, maxFailed: { node: maxFailed } },
      })
      expect(seen).toBe(most)
      expect(Object.values(ended).filter((status) => status === 'blocked')).toHaveLength(blocked)
    }
  })

  describe('comes in its turn', () => {
    /** A transaction whose turn is asked for so many moments after it could be. */
    const slow = (log: Log, target: string, moments: number, over: Partial<Transaction> = {}) =>
      inTransaction(log, target, {
        absent: async () => {
          for (let i = 0; i < moments; i += 1) await turn()
          return []
        },
        ...over,
      })
    const guards = (log: Log): string[] => log.flatMap((line) => /^guard (.*)/.exec(line)?.[1] ?? [])
    const steps = (log: Log, all: readonly Transaction[]) =>
      all.flatMap((own) => {
        const [target = ''] = own.id.split('/')
        return [interrupts(log, `${target}/x`, own), leaves(log, target, own)]
      })

    it('whoever asks first', async () => {
      for (const order of [
        ['a', 'b', 'c', 'd'],
        ['d', 'b', 'a', 'c'],
      ])
        for (const width of [1, 2]) {
          const log: Log = []
          const all = ['a', 'b', 'c', 'd'].map((target, i) => slow(log, target, (i * 7) % 5))
          const { ended } = await run(steps(log, all), { rollout: { order, width: { node: width } } })
          expect(guards(log)).toEqual(order)
          expect(new Set(Object.values(ended))).toEqual(new Set(['changed']))
        }
    })

    it('that of another which needs more gates before it: nobody holds one and waits for the next', async () => {
      const log: Log = []
      const holds: Disruption[] = ['etcd', 'node']
      const all = [
        slow(log, 'w1', 0),
        slow(log, 'w2', 1),
        slow(log, 'cp1', 4, { holds }),
        slow(log, 'cp2', 2, { holds }),
      ]
      await run(steps(log, all), { rollout: { order: ['cp1', 'cp2', 'w1', 'w2'] } })
      expect(guards(log)).toEqual(['cp1', 'cp2', 'w1', 'w2'])
    })

    it('after what it waits for, whatever the order says', async () => {
      const log: Log = []
      const [a, b] = [slow(log, 'a', 0), slow(log, 'b', 3)]
      await run(
        [
          interrupts(log, 'b/x', b),
          leaves(log, 'b', b),
          interrupts(log, 'a/x', a, { needs: ['b/x'] }),
          leaves(log, 'a', a),
          memoryStep(log, 'c/x', { disrupts: () => 'node' }),
        ],
        { rollout: { order: ['a', 'c', 'b'] } },
      )
      expect(told(log).filter((line) => /guard|c\/x/.test(line))).toEqual(['apply c/x', 'guard b', 'guard a'])
    })

    it('that of one that fails before it is passed on', async () => {
      const log: Log = []
      const [a, b] = [inTransaction(log, 'a'), inTransaction(log, 'b')]
      const { ended } = await run(
        [
          memoryStep(log, 'a/files', { fails: 'no space left' }),
          ...steps(log, [a, b]),
          memoryStep(log, 'c/x', { disrupts: () => 'node' }),
        ],
        { rollout: { order: ['a', 'b', 'c'] } },
      )
      expect(ended).toMatchObject({ 'a/x': 'skipped', 'b/x': 'changed', 'c/x': 'changed' })
      expect(guards(log)).toEqual(['b'])
    })

    it('that of one that turns out to have nothing to do is passed on', async () => {
      const log: Log = []
      const [a, b] = [inTransaction(log, 'a'), inTransaction(log, 'b')]
      // what came before brought it about
      const first = memoryStep(log, 'a/first', {})
      const second = interrupts(log, 'a/x', a, {
        diff: () => (log.includes('apply a/first') ? [] : [{ kind: 'restart', summary: 'it' }]),
      })
      const { ended } = await run([first, second, ...steps(log, [b])], { rollout: { order: ['a', 'b'] } })
      expect(ended).toMatchObject({ 'a/x': 'ok', 'b/x': 'changed' })
      expect(guards(log)).toEqual(['b'])
    })

    it('and out of it where it takes nothing away', async () => {
      const log: Log = []
      const all = [slow(log, 'a', 5), slow(log, 'b', 0, { absent: async () => ['node'] })]
      await run(steps(log, all), { rollout: { order: ['a', 'b'] } })
      expect(guards(log)).toEqual(['b', 'a'])
    })
  })

  it('may interrupt nothing that it does not hold', async () => {
    const own = inTransaction([], 'a')
    await expect(run([interrupts([], 'a/x', own, { disrupts: () => 'etcd' })])).rejects.toThrow(
      'interrupts etcd, which a/node does not hold',
    )
  })

  it('is refused where two wait for each other', () => {
    const [a, b] = [inTransaction([], 'a'), inTransaction([], 'b')]
    const phases = [
      phaseOf(
        'p',
        interrupts([], 'a/1', a, { needs: [] }),
        interrupts([], 'b/1', b, { needs: [] }),
        interrupts([], 'a/2', a, { needs: ['b/1'] }),
        interrupts([], 'b/2', b, { needs: ['a/1'] }),
      ),
    ]
    expect(() => placeTransactions(buildGraph(phases, undefined))).toThrow(
      'wait for each other: a/node, b/node',
    )
  })

  it('is refused where one of its steps waits for another target that waits for it', () => {
    const own = inTransaction([], 'a')
    const phases = [
      phaseOf(
        'p',
        interrupts([], 'a/1', own, { needs: [] }),
        memoryStep([], 'b/x', { needs: ['a/1'] }),
        interrupts([], 'a/2', own, { needs: ['b/x'] }),
      ),
    ]
    expect(() => placeTransactions(buildGraph(phases, undefined))).toThrow('wait for each other: a/node')
  })
})

const kinds: readonly Disruption[] = ['etcd', 'api', 'balancer', 'node']

const target = fc.record({
  holds: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1, maxLength: 4 }),
  steps: fc.array(
    fc.record({
      kind: fc.nat(9),
      fails: fc.nat(9).map((n) => n === 0),
      there: fc.boolean(),
      turns: fc.nat(3),
      within: fc.boolean(),
      /** Of the target before it, the step it waits for as well. */
      waits: fc.option(fc.nat(9), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
})

describe('any transactions', () => {
  it('end, are entered within the width, and are left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(target, { minLength: 1, maxLength: 6 }),
        fc.record({ node: fc.integer({ min: 1, max: 3 }), api: fc.integer({ min: 1, max: 2 }) }),
        fc.integer({ min: 0, max: 2 }),
        async (targets, width, maxFailed) => {
          const log: Log = []
          const now = new Map<Disruption, number>()
          const most = new Map<Disruption, number>()
          const count = (held: readonly Disruption[], by: number): void => {
            for (const kind of held) {
              now.set(kind, (now.get(kind) ?? 0) + by)
              most.set(kind, Math.max(most.get(kind) ?? 0, now.get(kind) ?? 0))
            }
          }
          const steps = targets.flatMap(({ holds, steps: own }, t) => {
            const name = `t${t}`
            const transaction = inTransaction(log, name, { holds })
            const made = own.map((one, i) => {
              const kind = holds[one.kind % holds.length] as Disruption
              const before = targets[t - 1]?.steps.length ?? 0
              return memoryStep(log, `${name}/${i}`, {
                there: one.there,
                disrupts: () => kind,
                vacates: () => true,
                ...(one.within || i === 0 ? { within: transaction } : {}),
                needs: [
                  ...(i > 0 ? [`${name}/${i - 1}`] : []),
                  ...(one.waits !== undefined && before > 0 ? [`t${t - 1}/${one.waits % before}`] : []),
                ],
                diff: (is) =>
                  is || log.includes(`apply ${name}/${i}`) ? [] : [{ kind: 'restart', summary: 'it' }],
                apply: async () => {
                  count([kind], 1)
                  for (let n = 0; n < one.turns; n += 1) await turn()
                  log.push(`apply ${name}/${i}`)
                  count([kind], -1)
                  if (one.fails) throw new Error('broken')
                },
              })
            })
            return [...made, leaves(log, name, transaction, { needs: own.map((_, i) => `${name}/${i}`) })]
          })
          const { statuses } = await run(steps, {
            rollout: { width, maxFailed: { node: maxFailed, api: maxFailed } },
          })
          expect(statuses.size).toBe(steps.length)
          for (const kind of kinds)
            expect(most.get(kind) ?? 0).toBeLessThanOrEqual(
              kind === 'node' ? width.node : kind === 'api' ? width.api : 1,
            )
          for (const [t] of targets.entries()) {
            const entered = log.filter((line) => line === `vacate t${t}`).length
            expect(entered).toBeLessThanOrEqual(1)
            expect(log.filter((line) => line === `left t${t}`)).toHaveLength(entered)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
