import { describe, expect, test } from 'vitest'
import { withSuperAdmin } from '../../../src/cluster/with-super-admin.js'
import type { HttpClient } from '../../../src/kubernetes/client/http.js'

/** API server in which admin.conf has rights once the binding is there. */
class Server {
  bound = false
  /** Whether there is a super-admin.conf. */
  superAdminConf = true
  opened = 0
  aged = false
  readonly log: string[] = []

  client(): HttpClient {
    return withSuperAdmin(
      this.#as('admin', () => this.bound),
      async () => {
        this.opened += 1
        return this.superAdminConf ? this.#as('super-admin', () => true) : undefined
      },
    )
  }

  #as(who: string, may: () => boolean): HttpClient {
    return {
      send: async (method, path, options) => {
        const allowed = may()
        this.log.push(`${who} ${method} ${path} ${allowed ? 'done' : 'forbidden'}`)
        if (allowed && method === 'POST') this.bound = true
        return { status: allowed ? 200 : 403, body: String(options?.body ?? ''), host: 'cp1' }
      },
      aged: () => this.aged && who === 'super-admin',
      follow: () => Promise.reject(new Error('no watch here')),
      channels: async () => {
        throw new Error('none here')
      },
      close: () => void this.log.push(`${who} closed`),
    }
  }
}

describe('Requests of the administrator', () => {
  test('go through super-admin.conf while admin.conf has no rights, and no longer', async () => {
    const server = new Server()
    const http = server.client()
    expect(await http.send('GET', '/nodes')).toMatchObject({ status: 200, body: '' })
    expect(await http.send('POST', '/clusterrolebindings', { body: 'binding' })).toMatchObject({
      status: 200,
      body: 'binding',
    })
    await http.send('GET', '/nodes')
    expect(server.log).toEqual([
      'admin GET /nodes forbidden',
      'super-admin GET /nodes done',
      'admin POST /clusterrolebindings forbidden',
      'super-admin POST /clusterrolebindings done',
      'admin GET /nodes done',
    ])
    expect(server.opened).toBe(1)
  })

  test('never read super-admin.conf where admin.conf has its rights', async () => {
    const server = new Server()
    server.bound = true
    const http = server.client()
    await http.send('GET', '/nodes')
    http.close()
    expect([server.opened, server.log]).toEqual([0, ['admin GET /nodes done', 'admin closed']])
  })

  test('stay forbidden without super-admin.conf, which is looked for again', async () => {
    const server = new Server()
    server.superAdminConf = false
    const http = server.client()
    expect((await http.send('GET', '/nodes')).status).toBe(403)
    server.superAdminConf = true
    expect((await http.send('GET', '/nodes')).status).toBe(200)
  })

  test('are aged and closed with those of super-admin.conf', async () => {
    const server = new Server()
    const http = server.client()
    await http.send('GET', '/nodes')
    server.aged = true
    expect(http.aged()).toBe(true)
    http.close()
    expect(server.log.slice(-2)).toEqual(['admin closed', 'super-admin closed'])
  })
})
