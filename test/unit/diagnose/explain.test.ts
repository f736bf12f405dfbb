import { describe, expect, test } from 'vitest'
import { explainer } from '../../../src/diagnose/explain.js'
import type { Step } from '../../../src/engine/step.js'
import { UserError } from '../../../src/lib/errors.js'
import { fixtures } from './fixtures.js'

const swap = fixtures.find(({ file }) => file === 'swap-on.kubelet.txt')?.text ?? ''

function step(evidence?: () => Promise<string>): Step {
  return {
    id: 'service:kubelet.service',
    title: 'kubelet',
    target: 'w1',
    probe: async () => undefined,
    diff: () => [],
    apply: async () => {},
    ...(evidence ? { evidence } : {}),
  }
}

/** How long the run has gone on. */
const runMs = 12_000

const late = new Error('kubelet: applied, but after 60 s not in effect: start kubelet.service')

/** An explainer, and what it complained of. */
function explaining(signal?: AbortSignal) {
  const troubles: string[] = []
  const explain = explainer({
    onTrouble: (_step, why) => troubles.push(why),
    ...(signal ? { signal } : {}),
  })
  return { explain: (step: Step, error: unknown) => explain(step, error, runMs), troubles }
}

describe('explaining a failed step', () => {
  test('leaves an error that says what to do as it is: the evidence would name another cause', async () => {
    const error = new UserError('step', 'cp3 cannot become an etcd member', {
      why: '/var/lib/etcd holds an etcd member’s data, but the cluster has no such member',
      next: 'kubestrap reset cp3, then up',
    })
    const { explain } = explaining()
    expect(
      await explain(
        step(async () => swap),
        error,
      ),
    ).toBe(error)
  })

  test('reads the cause from its own words, and asks nobody', async () => {
    const error = new UserError('step', 'install packages: failed with exit code 100', {
      host: 'w1',
      why: 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt-get)',
    })
    const { explain } = explaining()
    const explained = await explain(
      step(() => Promise.reject(new Error('must not be asked'))),
      error,
    )
    expect(explained).toMatchObject({
      kind: 'step',
      message: error.message,
      host: 'w1',
      why: error.why,
      likely: 'another program is installing packages',
      causeCode: 'KS0201',
      next: expect.stringContaining('wait until that program exits'),
      cause: error,
    })
  })

  test('reads it from the evidence where the step has no words of its own', async () => {
    const explained = await explaining().explain(
      step(async () => swap),
      late,
    )
    expect(explained).toMatchObject({
      kind: 'step',
      message: late.message,
      host: 'w1',
      why: expect.stringContaining('running with swap on is not supported'),
      likely: expect.stringContaining('swap'),
    })
  })

  test('shows of evidence that it knows the telling lines alone', async () => {
    const noise = Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n')
    const told = await explaining().explain(
      step(async () => `${swap}\n${noise}`),
      late,
    )
    const lines = told instanceof UserError ? (told.why ?? '').split('\n') : []
    expect(lines).toEqual([expect.stringContaining('swap on is not supported')])
  })

  test('shows no more than twenty lines of evidence that it does not know', async () => {
    const noise = Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n')
    const told = await explaining().explain(
      step(async () => noise),
      late,
    )
    const lines = told instanceof UserError ? (told.why ?? '').split('\n') : []
    expect([lines.length, lines.at(-1)]).toEqual([20, 'line 49'])
  })

  test('puts the telling lines last: that a container ended, and its last words', async () => {
    const evidence =
      'other: x\nNRestarts=0\ncontainer sched: Exited (1) 3 seconds ago\nsched: Error: no such file\nother: y'
    const own = new UserError('step', 'restart failed', { why: 'sched does not listen' })
    expect(
      await explaining().explain(
        step(async () => evidence),
        own,
      ),
    ).toMatchObject({
      why: 'sched does not listen\ncontainer sched: Exited (1) 3 seconds ago\nsched: Error: no such file',
      likely: 'sched exits after each start, with exit code 1',
    })
  })

  test('asks for evidence of the run alone', async () => {
    const asked: number[] = []
    const asking: Step = {
      ...step(),
      evidence: async (ageMs) => {
        asked.push(ageMs)
        return ''
      },
    }
    await explaining().explain(asking, late)
    expect(asked).toEqual([runMs])
  })

  test('shows evidence that nobody knows too, without guessing', async () => {
    const told = await explaining().explain(
      step(async () => 'strange words'),
      late,
    )
    expect(told).toMatchObject({ why: 'strange words', likely: undefined })
  })

  test('finds the cause in what caused the error', async () => {
    const error = new UserError('step', 'w1 did not join within 120 s', {
      cause: new Error('connect: no space left on device'),
    })
    expect(await explaining().explain(step(), error)).toMatchObject({ likely: 'a disk is full' })
  })

  test('keeps the error as it is when nothing is found', async () => {
    const { explain } = explaining()
    expect(await explain(step(), late)).toBe(late)
    expect(
      await explain(
        step(async () => '\n'),
        late,
      ),
    ).toBe(late)
  })

  test('keeps the next move of an error it knows nothing better for', async () => {
    const error = new UserError('step', 'it failed', { next: 'do that' })
    const told = await explaining().explain(
      step(async () => 'strange words'),
      error,
    )
    expect(told).toMatchObject({ next: 'do that' })
  })

  test('a look that fails itself hides nothing, and is told', async () => {
    const { explain, troubles } = explaining()
    const told = await explain(
      step(() => Promise.reject(new Error('journalctl is away'))),
      late,
    )
    expect(told).toBe(late)
    expect(troubles).toEqual(['journalctl is away'])
  })

  test('does not look on a host that was lost, nor after an interruption', async () => {
    const asked: string[] = []
    const asking = step(async () => {
      asked.push('asked')
      return swap
    })
    const lost = new UserError('connection', 'lost the connection to the host while reading from it')
    expect(await explaining().explain(asking, lost)).toBe(lost)
    expect(await explaining(AbortSignal.abort()).explain(asking, late)).toBe(late)
    expect(asked).toEqual([])
  })
})
