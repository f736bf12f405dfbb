import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../../src/kubernetes/client/http.js'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { type Authority, createAuthority } from '../../../../src/pki/authorities.js'
import { type CertificateSpec, certificateTree } from '../../../../src/pki/certificates.js'
import { aged } from '../../../support/certificates.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const now = new Date()
const options = { now, random: randomBytes }
const [apiServer] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.20.2'))
if (!apiServer) throw new Error('no certificates')

let ca: Authority
let sameName: Authority
beforeAll(async () => {
  ca = await createAuthority('kubernetes', options)
  sameName = await createAuthority('kubernetes', options)
})

const open: { server: Server; client: HttpClient }[] = []
afterEach(() => {
  for (const { server, client } of open.splice(0)) {
    client.close()
    server.closeAllConnections()
    server.close()
  }
})

/** A client that knows `ca`, of a server with a certificate that ended some days ago; and what the server was asked. */
async function against(
  signer: Authority,
  daysLeft: number,
  spec: CertificateSpec = apiServer as CertificateSpec,
  readWhenExpired = true,
): Promise<{ client: HttpClient; asked: string[] }> {
  const { certificate, key } = aged(spec, signer, now, daysLeft)
  const asked: string[] = []
  const server = createServer({ cert: certificate, key: key.reveal() }, (request, answer) => {
    asked.push(`${request.method} ${request.url}`)
    answer.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stream = async () => connect(port, '127.0.0.1')
  const client = createHttpClient('cp1', stream, undefined, ca.signer.certificate, undefined, {
    readWhenExpired,
  })
  open.push({ server, client })
  return { client, asked }
}

describe('An API server whose certificate has expired', () => {
  test('is read from, and known to be such', async () => {
    const { client, asked } = await against(ca, -3)
    await expect(client.send('GET', '/readyz')).resolves.toEqual({ status: 200, body: 'ok', host: 'cp1' })
    expect(client.aged()).toBe(true)
    expect(asked).toEqual(['GET /readyz'])
  })

  test.each(['POST', 'PATCH', 'DELETE', 'PUT'])(
    'is sent no %s, also after it was read from',
    async (method) => {
      const { client, asked } = await against(ca, -3)
      await client.send('GET', '/readyz')
      await expect(client.send(method, '/api', { body: { secret: 1 } })).rejects.toThrow('has expired')
      expect(asked).toEqual(['GET /readyz'])
    },
  )

  test('is not read from by a client that does not say so', async () => {
    const { client, asked } = await against(ca, -3, apiServer, false)
    await expect(client.send('GET', '/readyz')).rejects.toThrow('has expired')
    expect(asked).toEqual([])
  })

  test.each<[string, () => Authority, Partial<CertificateSpec>]>([
    ['it is signed by another authority of the same name', () => sameName, {}],
    ['it is for another name', () => ca, { names: ['other.example.com'] }],
    ["it is a client's", () => ca, { usages: ['clientAuth'] }],
  ])('is not read from when %s', async (_, signer, over) => {
    const { client, asked } = await against(signer(), -3, { ...apiServer, ...over })
    await expect(client.send('GET', '/readyz')).rejects.toThrow()
    expect(client.aged()).toBe(false)
    expect(asked).toEqual([])
  })

  test('is an ordinary one again when its certificate is', async () => {
    const { client } = await against(ca, 100)
    await client.send('GET', '/readyz')
    expect(client.aged()).toBe(false)
    await expect(client.send('POST', '/api', { body: {} })).resolves.toMatchObject({ status: 200 })
  })
})
