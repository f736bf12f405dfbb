import { describe, expect, test } from 'vitest'
import type { Step } from '../../../../src/engine/step.js'
import type { Host } from '../../../../src/host/host.js'
import { type ResetOptions, reset } from '../../../../src/phases/reset.js'
import { byLedger } from '../../../../src/steps/reset/by-ledger.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const all: ResetOptions = {
  command: 'reset',
  hosts: ['cp1'],
  packages: true,
  images: true,
  gone: false,
  drain: undefined,
  onLeft: () => {},
}

/** Every step that reset has for a machine of its own. */
const stepsOn = (host: Host): readonly Step[] =>
  reset(all).steps(contextOf([{ ...machine({ name: 'cp1' }), host }]))

describe('a host without a ledger', () => {
  test('has nothing to reset, and is asked nothing but its ledger', async () => {
    const asked: string[] = []
    const host = fakeHost('cp1', {
      answer: ({ what = '', script }) => {
        asked.push(what || script)
        return { stdout: Buffer.from('@end\n') }
      },
    })
    const steps = stepsOn(host)
    expect(steps.map(({ id }) => id)).toEqual(
      ['stopped', 'netfilter', 'images', 'runtime', 'files', 'held', 'keys', 'packages', 'ledger'].map(
        (what) => `reset:${what}`,
      ),
    )
    for (const step of steps) expect(step.diff(await step.probe())).toEqual([])
    expect(new Set(asked)).toEqual(new Set(['read /var/lib/kubestrap/ledger']))
  })

  test('is not one whose ledger cannot be read', async () => {
    const host = fakeHost('cp1', { answer: () => ({ code: 1, stderr: 'Input/output error' }) })
    for (const step of stepsOn(host)) await expect(step.probe()).rejects.toThrow('Input/output error')
  })
})

test('packages and images that could not be looked for are not gone', async () => {
  const ledger =
    '2\tpackage\tetcd-client\t\n2\timage\tbusybox:1\t\n2\tfile\t/etc/systemd/system/docker.service\tcreated\n2\theld\tdocker.io\t\n2\tkey\tgpg-pubkey-0a1b2c3d-65f0a1b2\t\n@end\n'
  const host = fakeHost('cp1', {
    answer: ({ what = '' }) =>
      what.includes('ledger') ? { stdout: Buffer.from(ledger) } : { code: 2, stderr: 'no answer here' },
  })
  const looks = stepsOn(host).filter(({ id }) => id !== 'reset:ledger')
  expect(looks).toHaveLength(8)
  for (const step of looks) await expect(step.probe(), step.id).rejects.toThrow(/answer/)
})

test('a ledger is asked for one kind of thing, and for all of them', async () => {
  const file = { kind: 'file', subject: '/etc/x', detail: 'created' } as const
  const counted = (kind?: 'file' | 'image') =>
    byLedger(
      async () => [file],
      0,
      async (entries) => entries.length,
      kind,
    )
  expect(await Promise.all([counted(), counted('file'), counted('image')])).toEqual([1, 1, 0])
})
