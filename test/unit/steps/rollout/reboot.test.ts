import { describe, expect, it } from 'vitest'
import { UserError } from '../../../../src/lib/errors.js'
import { reboot } from '../../../../src/steps/rollout/reboot.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const first = '11111111-1111-4111-8111-111111111111'
const second = '22222222-2222-4222-8222-222222222222'

/** A host that says these boot ids one after the other, the last for ever; '' for one that is away. */
function rebooting(...boots: string[]) {
  let clock = 0
  const log: string[] = []
  const host = fakeHost('w1', {
    answer: () => {
      const id = (boots.length > 1 ? boots.shift() : boots[0]) ?? ''
      if (id === '') throw new UserError('connection', 'cannot reach w1', { why: 'ECONNREFUSED' })
      return { stdout: Buffer.from(`${id}\n`) }
    },
    onMutate: ({ what, endsConnection }) => {
      log.push(`${what}${endsConnection ? ', its connection with it' : ''}`)
      return undefined
    },
  })
  const one = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  const context = contextOf([one], {
    now: () => new Date(clock),
    sleep: async (ms) => {
      clock += ms
    },
    expectAbsence: ({ name }) => {
      log.push(`${name} goes away`)
      return async () => void log.push(`${name} is back`)
    },
  })
  const told: string[] = []
  const run = () => reboot(context, one, { withinMs: 60_000, progress: (text) => void told.push(text) })
  return { run, log, told, done: host.done, clock: () => clock }
}

describe('a reboot', () => {
  it('is done when the host answers from another boot, and the host is this run’s again', async () => {
    const { run, log, told, done, clock } = rebooting(first, first, '', '', second)
    await run()
    expect(log).toEqual(['w1 goes away', 'systemctl reboot, its connection with it', 'w1 is back'])
    expect(done).toEqual(['mutate systemctl reboot', 'take over again'])
    expect(told.at(-1)).toBe('w1 answers again after 3 s')
    expect(clock()).toBe(3_000)
  })

  it('is none while the boot id stays, however often the host answers', async () => {
    const { run, log, done, clock } = rebooting(first)
    await expect(run()).rejects.toMatchObject({
      message: 'w1 did not come back from its reboot within 60 s',
      why: 'it still runs as before the reboot',
    })
    expect(clock()).toBe(60_000)
    expect(done).toEqual(['mutate systemctl reboot'])
    expect(log.at(-1)).toBe('w1 is back')
  })

  it('ends its wait for a host that stays away, with what the connection said', async () => {
    const { run } = rebooting(first, '')
    await expect(run()).rejects.toMatchObject({
      host: 'w1',
      why: 'cannot reach w1: ECONNREFUSED',
      next: expect.stringContaining('console'),
    })
  })

  it('believes no boot id that is none', async () => {
    await expect(rebooting('simulated').run()).rejects.toThrow('cannot read the boot id')
  })
})
