import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** What a path answers: a body, or a handler. */
export type Page = string | Buffer | ((request: IncomingMessage, response: ServerResponse) => void)

export interface ReleaseSite {
  /** "https://127.0.0.1:40123" */
  url: string
  port: number
  /** PEM of the authority that its certificate is from: itself. */
  ca: string
  caFile: string
  /** By path: "/release/v1.30.1/bin/linux/amd64/kubelet". */
  pages: Map<string, Page>
  /** What was asked for, in order. */
  asked: string[]
  close(): Promise<void>
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

/** A server of files over HTTPS; what it does not have it answers with 404. */
export async function startReleaseSite(directory: string, address = '127.0.0.1'): Promise<ReleaseSite> {
  mkdirSync(directory, { recursive: true })
  const [key, caFile] = [join(directory, 'site.key'), join(directory, 'site.crt')]
  const subject = [
    '-subj',
    '/CN=release site of a test',
    '-addext',
    `subjectAltName=IP:${address},DNS:mirror.test`,
  ]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', caFile], { stdio: 'ignore' })
  const pages = new Map<string, Page>()
  const asked: string[] = []
  const server = createServer({ key: readFileSync(key), cert: readFileSync(caFile) }, (request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const page = pages.get(path)
    if (page === undefined) response.writeHead(404).end('no such file\n')
    else if (typeof page === 'function') page(request, response)
    else response.writeHead(200, { 'content-length': Buffer.byteLength(page) }).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://${address}:${port}`,
    port,
    ca: readFileSync(caFile, 'utf8'),
    caFile,
    pages,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Half of the body it announces, and the end of the connection. */
export const cut =
  (body: string): Page =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) })
    response.write(body.slice(0, body.length / 2), () => response.destroy())
  }

/** Headers and a first byte, and then nothing. */
export const hanging: Page = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000000' })
  response.write('x')
}

export const redirectTo =
  (location: string): Page =>
  (_request, response) =>
    response.writeHead(302, { location }).end()
