import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bootstrapTokenSecret } from '../../../src/kubernetes/config/bootstrap-token.js'
import { newBootstrapToken } from '../../../src/pki/bootstrap-token.js'

describe('Bootstrap tokens', () => {
  it('have the form kubeadm and the API server ask for', () => {
    const { id, secret } = newBootstrapToken(randomBytes)
    expect(`${id}.${secret.reveal()}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
  })

  it('every byte value below 252 gives each of 36 characters seven times, the rest none', () => {
    const counts = new Map<string, number>()
    for (let value = 0; value < 256; value += 1) {
      let calls = 0
      // the byte under test first, then an "a" for every character still missing
      const { id } = newBootstrapToken((bytes) => {
        calls += 1
        return calls === 1 ? Buffer.from([value, ...Array(bytes - 1).fill(255)]) : Buffer.alloc(bytes)
      })
      const refused = value >= 252
      if (refused) expect(id).toBe('aaaaaa')
      else counts.set(id.slice(0, 1), (counts.get(id.slice(0, 1)) ?? 0) + 1)
    }
    expect([...counts.values()]).toEqual(Array(36).fill(7))
  })

  it('do not show their secret', () => {
    const token = newBootstrapToken(randomBytes)
    expect(inspect(token)).not.toContain(token.secret.reveal())
  })

  it('expire at a time without fractions, which is what Go reads', () => {
    const options = { expiration: new Date('2026-11-22T05:05:33.123Z'), description: 'join' }
    const { data } = bootstrapTokenSecret(newBootstrapToken(randomBytes), options)
    expect(data).toMatchObject({
      expiration: Buffer.from('2026-11-22T05:05:33Z').toString('base64'),
      description: Buffer.from('join').toString('base64'),
    })
  })
})
