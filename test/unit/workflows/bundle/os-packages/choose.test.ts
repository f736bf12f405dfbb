import { describe, expect, it } from 'vitest'
import type { Connected } from '../../../../../src/cluster/machine.js'
import type { HostSpec } from '../../../../../src/inventory/spec.js'
import { NoAnswer } from '../../../../../src/lib/errors.js'
import { debian } from '../../../../../src/os/debian.js'
import { chooseFor } from '../../../../../src/workflows/bundle/os-packages/choose.js'
import { machine } from '../../../../support/context.js'
import { fakeHost } from '../../../../support/fake-host.js'

/** A host that notes that it was asked, and fails. */
function failing(name: string, role: HostSpec['roles'][number], asked: string[]): Connected {
  const host = fakeHost(name)
  host.read = () => {
    asked.push(name)
    return Promise.reject(new NoAnswer('no way out', { host: name }))
  }
  return { ...machine({ name, roles: [role] }), os: debian, host }
}

describe('who gives the packages of a bundle', () => {
  const ask = async (
    hosts: [string, HostSpec['roles'][number]][],
    named: string[] = [],
  ): Promise<string[]> => {
    const asked: string[] = []
    const wish = {
      os: 'debian',
      version: '12',
      arch: 'amd64',
      groups: [['socat']],
      hosts: hosts.map(([name, role]) => failing(name, role, asked)),
    } as const
    const error: unknown = await chooseFor(wish, new Map(), () => {}, named).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ next: expect.stringContaining('--packages-from') })
    return asked
  }

  it('is a control plane node: a worker rules over none, also when these fail', async () => {
    expect(
      await ask([
        ['w1', 'worker'],
        ['cp1', 'control-plane'],
        ['w2', 'worker'],
        ['cp2', 'control-plane'],
      ]),
    ).toEqual(['cp1', 'cp2'])
  })

  it('is another host where the system has no control plane node, or where it is named; three at most', async () => {
    const workers = ['w1', 'w2', 'w3', 'w4'].map((name): [string, 'worker'] => [name, 'worker'])
    expect(await ask(workers)).toEqual(['w1', 'w2', 'w3'])
    expect(await ask([['cp1', 'control-plane'], ...workers], ['w4'])).toEqual(['w4'])
    expect(await ask([['cp1', 'control-plane']], ['w4'])).toEqual([])
  })
})
