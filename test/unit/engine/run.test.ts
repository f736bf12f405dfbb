import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { Late, NotYet } from '../../../src/engine/late.js'
import type { Phase } from '../../../src/engine/phase.js'
import { makePlan, type Plan } from '../../../src/engine/plan.js'
import { type Permits, type RunResult, runPlan } from '../../../src/engine/run.js'
import type { Change, Look, Step } from '../../../src/engine/step.js'
import { UserError } from '../../../src/lib/errors.js'
import { type Log, memoryStep, phaseOf } from './memory-step.js'

interface Ran extends RunResult {
  events: readonly RunEvent[]
  /** Milliseconds the pretended clock went on. */
  passed: number
}

interface Options {
  signal?: AbortSignal
  /** In place of the plan that looking gives. */
  plan?: Plan
  explain?: (step: Step, error: unknown, ageMs: number) => Promise<unknown>
  permits?: Permits
  ended?: () => string | undefined
  /** The log to empty after planning, so that it shows the run alone. */
  log?: Log
}

/** Plans and runs with a clock that only sleeping moves. */
async function run(
  phases: readonly Phase<undefined>[],
  { signal, plan, log, explain, permits, ended }: Options = {},
): Promise<Ran> {
  const graph = buildGraph(phases, undefined)
  const events: RunEvent[] = []
  let clock = 0
  const found = plan ?? (await makePlan(graph))
  if (log) log.length = 0
  const result = await runPlan(graph, found, {
    emit: (event) => events.push(event),
    now: () => clock,
    permits,
    sleep: async (ms) => {
      clock += ms
    },
    ...(signal ? { signal } : {}),
    ...(explain ? { explain } : {}),
    ...(ended ? { ended } : {}),
  })
  return { ...result, events, passed: clock }
}

/** A promise to be settled from outside. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('runPlan', () => {
  it('applies in order, looks again after each apply, and a second run does nothing', async () => {
    const log: Log = []
    const phases = [phaseOf('p', memoryStep(log, 'a/x')), phaseOf('q', memoryStep(log, 'a/y'))]
    const first = await run(phases, { log })
    expect(first.summary).toEqual({ a: { ok: 0, changed: 2, failed: 0, skipped: 0, blocked: 0 } })
    expect(log).toEqual(['apply a/x', 'probe a/x', 'probe a/y', 'apply a/y', 'probe a/y'])
    const second = await run(phases, { log })
    expect(second.summary).toEqual({ a: { ok: 2, changed: 0, failed: 0, skipped: 0, blocked: 0 } })
    expect(log).toEqual([])
  })

  it('looks again at a converged step after something before it changed, and applies it if it differs now', async () => {
    const log: Log = []
    let restart = false
    const file = memoryStep(log, 'a/file', {
      apply: async () => {
        restart = true
      },
      diff: () => (restart ? [] : [{ kind: 'create', summary: 'write' }]),
    })
    const service = memoryStep(log, 'a/service', {
      diff: () => (restart && !log.includes('restarted') ? [{ kind: 'restart', summary: 'restart' }] : []),
      apply: async () => {
        log.push('restarted')
      },
    })
    const { statuses } = await run([phaseOf('p', file), phaseOf('q', service)], { log })
    expect(log).toContain('restarted')
    expect(statuses.get('a/service')).toBe('changed')
  })

  it('gives an apply what was observed when its changes were found: by the plan, or by a look since', async () => {
    const given: unknown[] = []
    const counted = (): Step<number> => {
      let looks = 0
      let done = false
      return {
        ...{ id: 'x', target: 'a', title: 'x' },
        probe: async () => ++looks,
        diff: (n) => (done ? [] : [{ kind: 'update', summary: `${n}` }]),
        apply: async (_, { observed }) => {
          given.push(observed)
          done = true
        },
      }
    }
    const q = (): Phase<undefined> => ({ id: 'q', title: 'q', about: 'q', steps: () => [counted()] })
    await run([q()])
    await run([phaseOf('p', memoryStep([], 'a/first')), q()])
    expect(given).toEqual([1, 2])
  })

  it('learns from each look, in the plan and in the run, and before what waits for it is looked at again', async () => {
    const token = new Late<boolean>('the token')
    const told: boolean[] = []
    const finder = memoryStep([], 'a/find', {
      learn: (there, changes) => {
        told.push(changes.length === 0)
        if (there) token.set(there)
      },
    })
    const seen: string[] = []
    const user = memoryStep([], 'b/use', {
      needs: ['a/find'],
      diff: (there) => {
        seen.push(token.known ? 'known' : 'not yet')
        token.get()
        return there ? [] : [{ kind: 'create', summary: 'use it' }]
      },
    })
    const { statuses } = await run([phaseOf('p', finder, user)])
    expect(told).toEqual([false, true])
    expect(seen).toEqual(['not yet', 'known', 'known'])
    expect(statuses.get('b/use')).toBe('changed')
  })

  it('passes the stir on through a step that had nothing to do', async () => {
    const log: Log = []
    await run(
      [
        phaseOf('p', memoryStep(log, 'a/x')),
        phaseOf('q', memoryStep(log, 'a/y', { there: true })),
        phaseOf('r', memoryStep(log, 'a/z', { there: true, needs: ['a/y'] })),
      ],
      { log },
    )
    expect(log).toEqual(['apply a/x', 'probe a/x', 'probe a/y', 'probe a/z'])
  })

  describe('what only has to have ended before', () => {
    const phases = (log: Log, ...failing: string[]) => [
      phaseOf(
        'p',
        ...['a', 'b'].map((target) =>
          memoryStep(log, `${target}/x`, failing.includes(target) ? { fails: 'no' } : {}),
        ),
      ),
      phaseOf('q', memoryStep(log, 'c/y', { needs: [], follows: ['*/@p'] })),
    ]

    it('is awaited, and may have failed', async () => {
      const log: Log = []
      const { statuses } = await run(phases(log, 'a'), { log })
      expect(statuses.get('c/y')).toBe('changed')
      expect(log.indexOf('apply c/y')).toBeGreaterThan(log.indexOf('apply b/x'))
      // what the plan found is stale
      expect(log.slice(log.indexOf('apply b/x'))).toContain('probe c/y')
    })

    it('must have come about somewhere', async () => {
      const log: Log = []
      const { statuses, events } = await run(phases(log, 'a', 'b'), { log })
      expect(statuses.get('c/y')).toBe('skipped')
      expect(events).toContainEqual(
        expect.objectContaining({ status: 'skipped', reason: 'a/x did not succeed' }),
      )
    })
  })

  it('tells what a look is for: a plan, or the effect of an apply', async () => {
    const looks: (Look | undefined)[] = []
    let there = false
    const step = memoryStep([], 'a/x', {
      probe: async (look) => {
        looks.push(look)
        return there
      },
      apply: async () => {
        there = true
      },
    })
    await run([phaseOf('p', step)])
    expect(looks).toEqual([
      { planning: true, applied: false },
      { planning: false, applied: true },
    ])
  })

  it('believes the plan about converged steps on a target where nothing changed', async () => {
    const log: Log = []
    await run([phaseOf('p', memoryStep(log, 'a/x'), memoryStep(log, 'b/x', { there: true }))], { log })
    expect(log).not.toContain('probe b/x')
  })

  it('looks for the cause of a failure in what was said since the step began; where it waits, since the run did', async () => {
    const ages: Record<string, number> = {}
    const after = { needs: [], follows: ['a/ok', 'a/slow'] }
    const phases = [
      phaseOf(
        'one',
        memoryStep([], 'a/ok', { there: true }),
        memoryStep([], 'a/slow', { settle: { withinMs: 3_000, everyMs: 1_000 }, probe: async () => false }),
      ),
      phaseOf(
        'two',
        memoryStep([], 'a/does', { ...after, fails: 'exit code 1' }),
        memoryStep([], 'a/waits', { ...after, fails: 'still not there', waits: true }),
      ),
    ]
    await run(phases, {
      explain: async ({ id }, error, ageMs) => {
        ages[id] = ageMs
        return error
      },
    })
    expect(ages).toEqual({ slow: 3_000, does: 0, waits: 3_000 })
  })

  it('tells of a failed step what explaining made of its error, asked once', async () => {
    const log: Log = []
    const asked: string[] = []
    const { errors, events } = await run([phaseOf('p', memoryStep(log, 'a/x', { fails: 'exit code 1' }))], {
      explain: async (step, error) => {
        asked.push(`${step.target}/${step.id}: ${error}`)
        return new UserError('step', 'it failed', { likely: 'a disk is full' })
      },
    })
    expect(asked).toEqual(['a/x: Error: exit code 1'])
    expect(errors.map(({ error }) => error)).toEqual([expect.objectContaining({ likely: 'a disk is full' })])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'step-finished',
        status: 'failed',
        error: { message: 'it failed', cause: 'a disk is full' },
      }),
    )
  })

  it('skips what follows a failure, naming it, while other targets finish', async () => {
    const log: Log = []
    const { statuses, errors, summary, events } = await run([
      phaseOf('p', memoryStep(log, 'a/x', { fails: 'disk full' }), memoryStep(log, 'b/x')),
      phaseOf('q', memoryStep(log, 'a/y'), memoryStep(log, 'b/y')),
      phaseOf('r', memoryStep(log, 'a/z'), memoryStep(log, 'b/z')),
    ])
    expect(Object.fromEntries(statuses)).toEqual({
      'a/x': 'failed',
      'b/x': 'changed',
      'a/y': 'skipped',
      'b/y': 'changed',
      'a/z': 'skipped',
      'b/z': 'changed',
    })
    expect(errors.map(({ key, error }) => `${key}: ${error}`)).toEqual(['a/x: Error: disk full'])
    expect(summary.a).toEqual({ ok: 0, changed: 0, failed: 1, skipped: 2, blocked: 0 })
    expect(log).not.toContain('apply a/y')
    const skipped = events.find((e) => e.type === 'step-finished' && e.step.key === 'a/y')
    expect(skipped).toMatchObject({ status: 'skipped', reason: 'a/x did not succeed' })
  })

  it('runs steps that do not wait for each other at the same time', async () => {
    const met = gate()
    const waiting = memoryStep([], 'a/x', { apply: () => met.opened, diff: diffOnce() })
    const opening = memoryStep([], 'b/x', { apply: async () => met.open(), diff: diffOnce() })
    const { statuses } = await run([phaseOf('p', waiting, opening)])
    expect([...statuses.values()]).toEqual(['changed', 'changed'])
  })

  it('looks before it applies what the plan could not know', async () => {
    const log: Log = []
    const step = memoryStep(log, 'a/x', { there: true })
    const { statuses } = await run([phaseOf('p', step)], {
      plan: new Map([['a/x', { kind: 'unknown', why: 'w' }]]),
    })
    expect(statuses.get('a/x')).toBe('ok')
    expect(log).toEqual(['probe a/x'])
  })

  it('hands a value made by one apply to the next step’s wish', async () => {
    const token = new Late<string>('the token')
    const log: Log = []
    const maker = memoryStep(log, 'a/make', {
      apply: async () => token.set('abc'),
      diff: () => (token.known ? [] : [{ kind: 'create', summary: 'make' }]),
    })
    const user = memoryStep(log, 'b/use', {
      needs: ['a/make'],
      diff: () => (log.includes(token.get()) ? [] : [{ kind: 'create', summary: 'use' }]),
      apply: async () => {
        log.push(token.get())
      },
    })
    expect((await run([phaseOf('p', maker, user)])).statuses.get('b/use')).toBe('changed')
  })
})

/** A difference the first time it is asked for by the plan; none after the apply. */
function diffOnce(): () => Change[] {
  let asked = 0
  return () => {
    asked += 1
    return asked === 1 ? [{ kind: 'create', summary: 'do it' }] : []
  }
}

describe('settle', () => {
  /** Becomes converged at the `after`th look that follows the apply. */
  function slow(after: number, settle?: { withinMs: number; everyMs: number }, early?: Error) {
    let applied = false
    let looks = 0
    return memoryStep([], 'a/slow', {
      ...(settle ? { settle } : {}),
      apply: async () => {
        applied = true
      },
      probe: async () => {
        if (!applied) return false
        looks += 1
        if (looks < after && early) throw early
        return looks >= after
      },
    })
  }

  it('looks every so often until the difference is gone', async () => {
    const { statuses, passed } = await run([phaseOf('p', slow(4, { withinMs: 1000, everyMs: 200 }))])
    expect(statuses.get('a/slow')).toBe('changed')
    expect(passed).toBe(600)
  })

  it('gives up after its patience, and says what is left', async () => {
    const { errors, passed } = await run([phaseOf('p', slow(99, { withinMs: 1000, everyMs: 200 }))])
    expect(String(errors[0]?.error)).toContain('after 1 s not in effect: make a/slow')
    expect(passed).toBe(1000)
  })

  it('does not wait at all without patience', async () => {
    const { errors, passed } = await run([phaseOf('p', slow(2))])
    expect(String(errors[0]?.error)).toContain('applied, but not in effect')
    expect(passed).toBe(0)
  })

  it.each([new NotYet('the API server'), new Error('refused')])(
    'takes a look that throws (%s) for not there yet, as long as there is patience',
    async (error) => {
      const patient = await run([phaseOf('p', slow(3, { withinMs: 1000, everyMs: 200 }, error))])
      expect(patient.statuses.get('a/slow')).toBe('changed')
      const impatient = await run([phaseOf('p', slow(3, undefined, error))])
      expect(impatient.errors[0]?.error).toBe(error)
    },
  )
})

describe('a look whose error no waiting heals', () => {
  it('is not repeated, whatever patience is left', async () => {
    const error = new UserError('step', 'the podCIDR is refused', { final: true })
    let applied = false
    const step = memoryStep([], 'a/final', {
      settle: { withinMs: 120_000, everyMs: 200 },
      apply: async () => {
        applied = true
      },
      probe: async () => {
        if (applied) throw error
        return false
      },
    })
    const { errors, passed } = await run([phaseOf('p', step)])
    expect([errors[0]?.error, passed]).toEqual([error, 0])
  })
})

describe('disruptions', () => {
  /** A step that says when it begins and ends, with other steps given every chance to come between. */
  function disruptive(log: Log, key: string, kind: 'etcd' | 'api', fails?: string) {
    return memoryStep(log, key, {
      disrupts: () => kind,
      diff: () => (log.includes(`end ${key}`) ? [] : [{ kind: 'create', summary: key }]),
      apply: async () => {
        log.push(`begin ${key}`)
        await new Promise((resolve) => setImmediate(resolve))
        if (fails) throw new Error(fails)
        log.push(`end ${key}`)
      },
    })
  }
  const only = (log: Log): string[] => log.filter((line) => /^(begin|end)/.test(line))

  it('of one kind come one after the other, over all targets', async () => {
    const log: Log = []
    await run([phaseOf('p', ...['a/e', 'b/e', 'c/e'].map((key) => disruptive(log, key, 'etcd')))])
    expect(only(log)).toEqual(['begin a/e', 'end a/e', 'begin b/e', 'end b/e', 'begin c/e', 'end c/e'])
  })

  it('let the next begin only when the last has been looked at again', async () => {
    const log: Log = []
    await run([phaseOf('p', disruptive(log, 'a/e', 'etcd'), disruptive(log, 'b/e', 'etcd'))], { log })
    expect(log.indexOf('probe a/e')).toBeLessThan(log.indexOf('begin b/e'))
  })

  it('of different kinds do not wait for each other', async () => {
    const log: Log = []
    await run([phaseOf('p', disruptive(log, 'a/e', 'etcd'), disruptive(log, 'b/s', 'api'))])
    expect(only(log).slice(0, 2)).toEqual(['begin a/e', 'begin b/s'])
  })

  it('stop after a failure: the next of that kind is not begun, others are', async () => {
    const log: Log = []
    const { statuses, errors, events } = await run([
      phaseOf(
        'p',
        disruptive(log, 'a/e', 'etcd', 'no quorum'),
        disruptive(log, 'b/e', 'etcd'),
        disruptive(log, 'c/s', 'api'),
      ),
    ])
    expect(Object.fromEntries(statuses)).toEqual({ 'a/e': 'failed', 'b/e': 'blocked', 'c/s': 'changed' })
    expect(log).not.toContain('begin b/e')
    expect(errors.map(({ key }) => key)).toEqual(['a/e'])
    expect(
      events.find((event) => event.type === 'step-finished' && event.status === 'blocked'),
    ).toMatchObject({
      reason: 'a/e, which also interrupts etcd, failed',
    })
  })
})

describe('abort', () => {
  it('lets the step under way end and begins no other', async () => {
    const log: Log = []
    const controller = new AbortController()
    const first = memoryStep(log, 'a/x', {
      apply: async () => {
        log.push('apply a/x')
        controller.abort()
      },
      diff: () => (log.includes('apply a/x') ? [] : [{ kind: 'create', summary: 'x' }]),
    })
    const { statuses, events } = await run([phaseOf('p', first), phaseOf('q', memoryStep(log, 'a/y'))], {
      signal: controller.signal,
      log,
    })
    expect(Object.fromEntries(statuses)).toEqual({ 'a/x': 'changed', 'a/y': 'skipped' })
    expect(events.at(-1)).toMatchObject({ type: 'step-finished', reason: 'interrupted' })
    expect(log).toEqual(['apply a/x', 'probe a/x'])
  })

  it('before the run begins does nothing at all', async () => {
    const log: Log = []
    const { summary } = await run([phaseOf('p', memoryStep(log, 'a/x'))], {
      signal: AbortSignal.abort(),
      log,
    })
    expect(summary.a?.skipped).toBe(1)
    expect(log).toEqual([])
  })
})

describe('what ends the whole run', () => {
  const slow = (log: Log, key: string, opened: Promise<void>) => {
    const step = memoryStep(log, key)
    return {
      ...step,
      apply: async (...given: Parameters<typeof step.apply>) => opened.then(() => step.apply(...given)),
    }
  }

  it('is a bug: it is thrown once what was under way has ended, and nothing else begins', async () => {
    const log: Log = []
    const later = gate()
    const broken = memoryStep(log, 'a/x', {
      apply: async () => {
        setTimeout(later.open, 5)
        throw new TypeError('x is undefined')
      },
    })
    const ran = run(
      [phaseOf('p', broken, slow(log, 'b/x', later.opened)), phaseOf('q', memoryStep(log, 'b/y'))],
      { log },
    )
    await expect(ran).rejects.toThrow('x is undefined')
    expect(log).toContain('apply b/x')
    expect(log).not.toContain('apply b/y')
  })

  it('is a bug in a wait, which is not asked twice', async () => {
    let asked = 0
    const broken = memoryStep([], 'a/x', {
      settle: { withinMs: 240_000, everyMs: 250 },
      probe: async () => {
        asked += 1
        if (asked > 1) throw new TypeError('x is undefined')
        return false
      },
    })
    await expect(run([phaseOf('p', broken)])).rejects.toThrow('x is undefined')
    expect(asked).toBe(2)
  })

  it('is not explained as if a host had failed', async () => {
    const explained: unknown[] = []
    const broken = memoryStep([], 'a/x', { apply: () => Promise.reject(new TypeError('x is undefined')) })
    const explain = async (_: Step, error: unknown) => explained.push(error)
    await expect(run([phaseOf('p', broken)], { explain })).rejects.toThrow('x is undefined')
    expect(explained).toEqual([])
  })

  it('is what says so: waits end, and what has not begun is skipped for it', async () => {
    const log: Log = []
    const taken = memoryStep(log, 'a/x', {
      apply: async () => {
        throw new UserError('step', 'another run has taken over a', { host: 'a', endsRun: true })
      },
    })
    const wait = memoryStep(log, 'b/wait', {
      waits: true,
      apply: async () => {},
      settle: { withinMs: 240_000, everyMs: 250 },
    })
    const { statuses, events, passed } = await run([
      phaseOf('p', taken, wait),
      phaseOf('q', memoryStep(log, 'c/y')),
      phaseOf('r', memoryStep(log, 'b/z')),
    ])
    expect(Object.fromEntries(statuses)).toMatchObject({
      'a/x': 'failed',
      'b/wait': 'failed',
      'b/z': 'skipped',
    })
    expect(passed).toBeLessThan(1_000)
    const waited = events.find((event) => event.type === 'step-finished' && event.step.key === 'b/wait')
    expect(waited).toMatchObject({
      error: { message: expect.stringContaining('another run has taken over a') },
    })
  })
})

describe('events', () => {
  it('tell each step’s start, progress and end with its changes', async () => {
    let done = false
    const step = memoryStep([], 'a/x', {
      diff: () => (done ? [] : [{ kind: 'create', summary: 'make it' }]),
      apply: async (_, context) => {
        context.progress('half way')
        done = true
      },
    })
    const { events } = await run([phaseOf('p', step)])
    const ref = { key: 'a/x', target: 'a', phase: 'p', title: 'a/x' }
    expect(events).toEqual([
      { type: 'step-started', at: 0, step: ref },
      { type: 'step-progress', at: 0, step: ref, text: 'half way' },
      {
        type: 'step-finished',
        at: 0,
        step: ref,
        status: 'changed',
        ms: 0,
        changes: [{ kind: 'create', summary: 'make it' }],
      },
    ])
  })

  it('do not tell a converged step’s start', async () => {
    const { events } = await run([phaseOf('p', memoryStep([], 'a/x', { there: true }))])
    expect(events.map((event) => event.type)).toEqual(['step-finished'])
  })
})

describe('what may not be applied', () => {
  it('is looked at, fails its step, and changes nothing', async () => {
    const log: Log = []
    const asked: string[] = []
    const steps = [memoryStep(log, 'a/x'), memoryStep(log, 'a/y', { there: true })]
    const { errors, statuses } = await run([phaseOf('p', ...steps)], {
      permits: ({ key }, changes) => {
        asked.push(`${key}: ${changes.map(({ kind }) => kind).join()}`)
        return new UserError('step', 'not in the plan')
      },
    })
    expect([...statuses]).toEqual([
      ['a/x', 'failed'],
      ['a/y', 'ok'],
    ])
    expect(errors.map(({ error }) => String(error))).toEqual(['UserError: not in the plan'])
    expect(asked).toEqual(['a/x: create'])
    expect(log).not.toContain('apply a/x')
  })

  it('is what is told from outside, too: what is under way ends, and nothing more begins', async () => {
    const log: Log = []
    let lost: string | undefined
    const last = memoryStep(log, 'a/x', {
      apply: async () => {
        lost = 'another run has taken over the cluster'
      },
      diff: diffOnce(),
    })
    const { statuses, events } = await run([phaseOf('p', last), phaseOf('q', memoryStep(log, 'a/y'))], {
      ended: () => lost,
    })
    expect(Object.fromEntries(statuses)).toEqual({ 'a/x': 'changed', 'a/y': 'skipped' })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step-finished', status: 'skipped', reason: lost }),
    )
  })
})
