import type { Client } from 'ssh2'
import { expect, test } from 'vitest'
import { Bastions } from '../../../../src/host/ssh/bastions.js'
import type { Link } from '../../../../src/host/ssh/link.js'
import { nothingToTry } from '../../../../src/host/ssh/login-error.js'
import { machine } from '../../../support/context.js'

const { ssh } = machine().spec

/** How many connections two users of bastions make. */
async function dials(...specs: readonly (typeof ssh)[]): Promise<number> {
  const bastions = new Bastions()
  let count = 0
  const dial = async (): Promise<Link> => {
    count += 1
    return { client: { once: () => {} } as unknown as Client, end: () => {} }
  }
  for (const spec of specs) await bastions.use(spec, new AbortController().signal, dial)
  return count
}

test('hosts behind one bastion share its connection, but a strict one takes none that accepted any key', async () => {
  const strict = { ...ssh, hostKeys: 'strict' } as const
  const anyKey = { ...ssh, hostKeys: 'accept-new' } as const
  expect(await dials(strict, { ...strict })).toBe(1)
  expect(await dials(anyKey, strict)).toBe(2)
  expect(await dials({ ...strict, via: anyKey }, { ...strict, via: strict })).toBe(2)
})

test('a bastion that lets nobody in is given a password of its own, by its name', () => {
  const host = { name: 'bastion ops@b', at: 'i.yaml:3:1' }
  expect(nothingToTry(host, { ...ssh, bastion: 'b.example.com' }, []).next).toContain(
    'set ssh.bastions.b.example.com.password',
  )
  expect(nothingToTry(host, ssh, []).next).toContain('set ssh.password')
})
