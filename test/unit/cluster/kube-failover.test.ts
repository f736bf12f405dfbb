import { describe, expect, test } from 'vitest'
import { firstOf } from '../../../src/cluster/kube-failover.js'
import type { HttpClient } from '../../../src/kubernetes/client/http.js'

/** Servers whose state a test changes while they are asked. */
class Servers {
  readonly asked: string[] = []
  readonly state: Record<string, 'ready' | 'starting' | 'away' | 'absent'>
  constructor(state: Record<string, 'ready' | 'starting' | 'away' | 'absent'>) {
    this.state = state
  }

  open() {
    return firstOf(
      Object.keys(this.state).map((name) => ({
        name,
        open: async () => (this.state[name] === 'absent' ? undefined : this.#client(name)),
      })),
    )
  }

  #client(name: string): HttpClient {
    return {
      send: async (method, path) => {
        this.asked.push(`${name} ${method} ${path}`)
        if (this.state[name] === 'away') throw new Error(`${name} is away`)
        return { status: this.state[name] === 'ready' ? 200 : 500, body: name, host: name }
      },
      aged: () => false,
      follow: () => Promise.reject(new Error('no watch here')),
      channels: async () => {
        throw new Error('none here')
      },
      close: () => {},
    }
  }
}

const bodyOf = async (http: HttpClient, method = 'GET'): Promise<string> =>
  (await http.send(method, '/x')).body

describe('of several API servers', () => {
  test('the first that is ready is asked, and stays', async () => {
    const servers = new Servers({ cp1: 'away', cp2: 'starting', cp3: 'ready' })
    const { http } = servers.open()
    expect([await bodyOf(http), await bodyOf(http, 'POST')]).toEqual(['cp3', 'cp3'])
    expect(servers.asked.filter((line) => line.endsWith('/readyz'))).toHaveLength(3)
  })

  test('one that answers is better than none, until another is ready', async () => {
    const servers = new Servers({ cp1: 'away', cp2: 'starting' })
    const { http } = servers.open()
    expect(await bodyOf(http)).toBe('cp2')
    servers.state.cp1 = 'ready'
    expect(await bodyOf(http)).toBe('cp1')
  })

  test('a GET goes to another when the one in use goes away', async () => {
    const servers = new Servers({ cp1: 'ready', cp2: 'ready' })
    const { http } = servers.open()
    expect(await bodyOf(http)).toBe('cp1')
    servers.state.cp1 = 'away'
    expect(await bodyOf(http)).toBe('cp2')
  })

  test('what changes something is not sent twice, but the next is sent elsewhere', async () => {
    const servers = new Servers({ cp1: 'ready', cp2: 'ready' })
    const { http } = servers.open()
    await bodyOf(http)
    servers.state.cp1 = 'away'
    await expect(bodyOf(http, 'POST')).rejects.toThrow('cp1 is away')
    expect(servers.asked.filter((line) => line.includes('POST'))).toEqual(['cp1 POST /x'])
    expect(await bodyOf(http, 'POST')).toBe('cp2')
  })

  test('none may be there yet, which is no error; none that answers is one', async () => {
    expect(await new Servers({ cp1: 'absent', cp2: 'absent' }).open().known()).toBe(false)
    await expect(new Servers({ cp1: 'away', cp2: 'away' }).open().known()).rejects.toThrow('cp1 is away')
  })

  test('one alone is asked what is wanted and nothing else', async () => {
    const servers = new Servers({ cp1: 'starting' })
    const { http } = servers.open()
    expect(await bodyOf(http)).toBe('cp1')
    expect(servers.asked).toEqual(['cp1 GET /x'])
  })
})
