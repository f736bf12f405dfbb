import { describe, expect, test } from 'vitest'
import type { Host } from '../../../../src/host/host.js'
import { openSession } from '../../../../src/workflows/session/session.js'
import { fakeHost } from '../../../support/fake-host.js'
import { clusterSpec } from '../../../support/spec.js'

/** A host of which nothing ever answers, and what it was told in the end. */
function silent(over: Partial<Host> = {}): { host: Host; told: string[] } {
  const told: string[] = []
  const never = () => new Promise<never>(() => {})
  const host: Host = {
    ...fakeHost('cp1'),
    read: never,
    letGo: async () => void told.push('let go'),
    close: async () => void told.push('closed'),
    ...over,
  }
  return { host, told }
}

const opened = (host: Host, signal: AbortSignal) =>
  openSession(clusterSpec(), { bundle: false, open: () => host, signal })

describe('a command that is interrupted while its hosts are being connected', () => {
  test.each([0, 50])('ends at once, %d ms after it began, and closes every connection', async (ms) => {
    const { host, told } = silent()
    const abort = new AbortController()
    setTimeout(() => abort.abort(), ms)
    await expect(opened(host, abort.signal)).rejects.toMatchObject({ kind: 'interrupted' })
    expect(told).toEqual(['let go', 'closed'])
  })

  test('waits for no host that does not hear that it is let go', async () => {
    const { host, told } = silent({ letGo: () => new Promise<never>(() => {}) })
    await expect(opened(host, AbortSignal.abort())).rejects.toMatchObject({ kind: 'interrupted' })
    expect(told).toEqual(['closed'])
  })

  test('a host that fails is told as such while nobody interrupts', async () => {
    const { host, told } = silent({ read: () => Promise.reject(new Error('no way')) })
    await expect(opened(host, new AbortController().signal)).rejects.toThrow('no way')
    expect(told).toEqual(['let go', 'closed'])
  })
})
