import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiError } from '../../../../src/kubernetes/client/api-error.js'
import { BadAnswer } from '../../../../src/kubernetes/client/bad-answer.js'
import { createEtcdClient, EtcdError } from '../../../../src/kubernetes/client/etcd.js'
import { createHttpClient, type HttpClient } from '../../../../src/kubernetes/client/http.js'
import { createKubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { UserError } from '../../../../src/lib/errors.js'
import { type Authority, createAuthority } from '../../../../src/pki/authorities.js'
import { certificateTree } from '../../../../src/pki/certificates.js'
import { aged } from '../../../support/certificates.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const now = new Date()
const [apiServer] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.20.2'))
if (!apiServer) throw new Error('no certificates')

/** Bodies that look like answers: JSON with what should be elsewhere, cut JSON, any text. */
const bodies = fc.oneof(
  fc.json(),
  fc.json().map((text) => text.slice(0, -1)),
  fc.string(),
  fc.constantFrom(
    '',
    'null',
    '[]',
    '{"items":1}',
    '{"items":[1]}',
    '{"items":null}',
    '{"members":[{"ID":"x"}]}',
    '{"members":[{"peerURLs":["::"]}]}',
    '{"members":1}',
    '{"header":{"member_id":"-"}}',
  ),
)

describe('an answer that is none', () => {
  let server: Server
  let ca: Authority
  let answer: (write: (text: string | Buffer) => boolean, end: () => void) => void
  let status = 200
  beforeAll(async () => {
    ca = await createAuthority('kubernetes', { now, random: randomBytes })
    const { certificate, key } = aged(apiServer, ca, now, 100)
    server = createServer({ cert: certificate, key: key.reveal() }, (_request, response) => {
      response.on('error', () => {})
      response.statusCode = status
      answer(
        (text) => response.write(text),
        () => response.end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const stream = async () => connect((server.address() as AddressInfo).port, '127.0.0.1')
  const client = (): HttpClient => createHttpClient('cp1', stream, undefined, ca.signer.certificate)

  it('that does not end is given up at its limit, whatever its deadline', async () => {
    let sent = 0
    answer = (write) => {
      const more = (): void => {
        sent += 65_536
        if (write(Buffer.alloc(65_536))) setImmediate(more)
        else setTimeout(more, 1)
      }
      more()
    }
    const http = client()
    await expect(http.send('GET', '/api', { maxBody: 2_000_000 })).rejects.toMatchObject({
      kind: 'connection',
      host: 'cp1',
      message: 'cannot use the answer to GET /api',
      why: expect.stringContaining('larger than'),
    })
    http.close()
    expect(sent).toBeLessThan(20_000_000)
  })

  it('of an API server is a refusal or an error of the host, whatever it holds, never a bug', async () => {
    const http = client()
    const kube = createKubeClient(http)
    const ref = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom(200, 404, 500), async (body, code) => {
        status = code
        answer = (write, end) => {
          if (body !== '') write(body)
          end()
        }
        for (const ask of [() => kube.get(ref), () => kube.list(ref), () => kube.create(ref)])
          await ask().catch((error: unknown) => {
            expect(error instanceof UserError || error instanceof ApiError).toBe(true)
            if (error instanceof BadAnswer) expect(error.host).toBe('cp1')
          })
      }),
      { numRuns: 40 },
    )
    status = 200
    http.close()
  })

  it('of etcd likewise: ids, URLs and lists', async () => {
    const { certificate, key } = aged(apiServer, ca, now, 100)
    const etcd = createEtcdClient(
      'cp2',
      stream,
      { ca: ca.signer.certificate, cert: certificate, key },
      'kubernetes',
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        answer = (write, end) => {
          if (body !== '') write(body)
          end()
        }
        for (const ask of [() => etcd.members(), () => etcd.status()])
          await ask().catch((error: unknown) => {
            expect(error instanceof UserError || error instanceof EtcdError).toBe(true)
            if (error instanceof BadAnswer) expect(error.host).toBe('cp2')
          })
      }),
      { numRuns: 40 },
    )
    etcd.close()
  })

  it.each([
    '::',
    'x',
    'https://',
    'https://a b:2380',
    'file:///etc/passwd',
    'https://10.0.0.1:2380\n--x',
    'https://u@10.0.0.1:2380',
  ])('a member’s URL %j is refused where it is read', async (url) => {
    answer = (write, end) => {
      write(JSON.stringify({ members: [{ ID: '1', peerURLs: [url] }] }))
      end()
    }
    const { certificate, key } = aged(apiServer, ca, now, 100)
    const etcd = createEtcdClient(
      'cp2',
      stream,
      { ca: ca.signer.certificate, cert: certificate, key },
      'kubernetes',
    )
    await expect(etcd.members()).rejects.toMatchObject({
      kind: 'connection',
      host: 'cp2',
      why: expect.stringContaining("member's URL"),
    })
    etcd.close()
  })
})
