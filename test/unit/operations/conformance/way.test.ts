import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wayToApi } from '../../../../src/operations/conformance/way.js'
import { issue } from '../../../../src/pki/issue.js'
import { authorities } from '../../../support/administrator.js'
import { contextOf, machine } from '../../../support/context.js'
import { clusterSpec } from '../../../support/spec.js'

const [own, stranger] = authorities
const port = { own: 0, stranger: 0 }
const servers: ReturnType<typeof createServer>[] = []

/** An API server of an authority, as far as /version goes. */
async function apiServer(authority: typeof own): Promise<number> {
  const made = await issue(
    {
      name: 'apiserver',
      file: 'apiserver',
      commonName: 'kube-apiserver',
      organization: undefined,
      usages: ['serverAuth'],
      names: ['kubernetes', 'api.lab.internal', '127.0.0.1'],
      basicConstraints: false,
      signer: 'kubernetes',
      readers: [],
    },
    authority.signer,
    { now: new Date(), random: randomBytes },
  )
  const server = createServer({ cert: made.certificate, key: made.key.reveal() }, (socket) => {
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}'),
    )
  })
  server.on('tlsClientError', () => {})
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** GET /version as kubectl does, by what its kubeconfig says. */
function version({ url, tlsServerName }: { url: string; tlsServerName?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      ca: own.signer.certificate,
      agent: false as const,
      ...(tlsServerName ? { servername: tlsServerName } : {}),
    }
    const asking = request(`${url}/version`, options, (answer) => {
      answer.on('data', (chunk: Buffer) => resolve(chunk.toString()))
    })
    asking.on('error', reject)
    asking.end()
  })
}

const context = (endpoint: { host: string; port: number }, bindPort: number, addresses = ['127.0.0.1']) => {
  const planes = addresses.map((address, i) => machine({ name: `cp${i + 1}`, address }))
  return contextOf(planes, {
    spec: clusterSpec({
      endpoint: { ...endpoint, named: true, explicit: true },
      apiServer: { bindPort, certSANs: [], extraVolumes: [], extraArgs: {} },
      hosts: planes.map(({ spec }) => spec),
    }),
  })
}

describe('the way of a suite to the API', () => {
  beforeAll(async () => {
    port.own = await apiServer(own)
    port.stranger = await apiServer(stranger)
  })
  afterAll(() => {
    for (const server of servers) server.close()
  })

  it('is the endpoint, where it answers from here', async () => {
    const way = await wayToApi(context({ host: '127.0.0.1', port: port.own }, 1), own.signer.certificate)
    expect(way.server).toEqual({ url: `https://127.0.0.1:${port.own}` })
    expect(await version(way.server)).toBe('{}')
    way.close()
  })

  it.each([
    ['has a name that is not known here', () => ({ host: 'api.lab.invalid', port: 6443 })],
    ['is somebody else', () => ({ host: '127.0.0.1', port: port.stranger })],
    ['is silent', () => ({ host: '127.0.0.1', port: 1 })],
  ])('is forwarded where the endpoint %s, to the first control plane that answers', async (_, endpoint) => {
    // nothing listens at 127.0.0.9
    const way = await wayToApi(
      context(endpoint(), port.own, ['127.0.0.9', '127.0.0.1']),
      own.signer.certificate,
    )
    try {
      expect(way.server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
      expect(way.told).toContain('over SSH')
      expect(await Promise.all([version(way.server), version(way.server)])).toEqual(['{}', '{}'])
    } finally {
      way.close()
    }
    await expect(version(way.server)).rejects.toThrow('ECONNREFUSED')
  })
})
