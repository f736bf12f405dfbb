import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface Registry {
  /** "https://10.89.0.1:40123" */
  url: string
  /** Its own certificate, PEM. */
  caFile: string
  /** What was asked with the right login: "GET /v2/foo/manifests/1?ns=registry.example". */
  asked: readonly string[]
  /** How many questions came without it. */
  turnedAway(): number
  close(): Promise<void>
}

/** An image as a registry gives it: blobs by digest. */
export interface StockedImage {
  /** What its tag leads to: a manifest, or an index of several. */
  manifest: Buffer
  /** Configurations, layers, and the manifests that an index names. */
  blobs: ReadonlyMap<string, Buffer>
}

export interface RegistryOptions {
  /** Tokens are asked for (Bearer), and handed out at /token; with a login only for it. */
  tokens?: boolean
  /** Blobs lie elsewhere: where by digest. */
  blobsAt?: (digest: string) => string
  /** Answers in the registry's place where it returns true; may be changed by a test. */
  instead?: (request: IncomingMessage, response: ServerResponse) => boolean
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json'

/** By tag, or by the digest of a manifest or blob of any tag of this name. */
function stocked(
  stock: ReadonlyMap<string, StockedImage>,
  name: string,
  reference: string,
): StockedImage | undefined {
  const tagged = stock.get(`${name}:${reference}`)
  if (tagged) return tagged
  return [...stock]
    .filter(([key]) => key.startsWith(`${name}:`))
    .map(([, one]) => one)
    .find(({ manifest, blobs }) => blobs.has(reference) || digestOf(manifest) === reference)
}

const typeOf = (manifest: Buffer): string =>
  /"mediaType":\s*"([^"]*(?:manifest|index)[^"]*)"/.exec(manifest.toString('utf8'))?.[1] ?? manifestType

const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

/** An image of one empty layer: enough to be pulled and unpacked. */
function emptyImage(): StockedImage {
  const layer = Buffer.alloc(1024)
  const packed = gzipSync(layer)
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/nothing'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  )
  const part = (mediaType: string, data: Buffer) => ({ mediaType, size: data.length, digest: digestOf(data) })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: part('application/vnd.docker.container.image.v1+json', config),
      layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', packed)],
    }),
  )
  return { manifest, blobs: new Map([config, packed].map((data) => [digestOf(data), data])) }
}

/**
 * A registry over TLS.
 * @param directory gets its certificate
 * @param login "USER:PASSWORD"; without it everybody is let in
 * @param stock what it has, by "NAME:TAG" without the registry's own name; default: one empty image under every name
 * @param options how it differs from the simplest one
 */
export async function startRegistry(
  directory: string,
  address: string,
  login?: string,
  stock?: ReadonlyMap<string, StockedImage>,
  options: RegistryOptions = {},
): Promise<Registry> {
  mkdirSync(directory, { recursive: true })
  const [key, caFile] = [join(directory, 'registry.key'), join(directory, 'registry.crt')]
  const subject = ['-subj', '/CN=registry', '-addext', `subjectAltName=IP:${address}`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', caFile], { stdio: 'ignore' })
  const image = emptyImage()
  const asked: string[] = []
  let turnedAway = 0
  const basic = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  const tokens = new Set<string>()
  const server = createServer({ key: readFileSync(key), cert: readFileSync(caFile) }, (request, answer) => {
    const { method = '', url = '', headers } = request
    if (options.instead?.(request, answer)) return
    if (options.tokens && url.startsWith('/token?')) {
      if (headers.authorization !== basic) {
        turnedAway += 1
        answer.writeHead(401).end()
        return
      }
      const token = `token.${tokens.size}.${Buffer.from(url).toString('base64url')}`
      tokens.add(`Bearer ${token}`)
      asked.push(`${method} ${decodeURIComponent(url)}`)
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token }))
      return
    }
    const [, scope = ''] = /^\/v2\/(.*?)\/(?:manifests|blobs)\//.exec(url) ?? []
    if (options.tokens && !tokens.has(headers.authorization ?? '')) {
      turnedAway += 1
      const realm = `https://${headers.host}/token`
      const wanted = `Bearer realm="${realm}",service="a registry",scope="repository:${scope}:pull"`
      answer.writeHead(401, { 'www-authenticate': wanted }).end()
      return
    }
    if (!options.tokens && basic !== undefined && headers.authorization !== basic) {
      turnedAway += 1
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
      return
    }
    asked.push(`${method} ${url}`)
    const [, name = '', kind, reference = ''] = /^\/v2\/(.*?)\/(manifests|blobs)\/([^?]+)/.exec(url) ?? []
    const found = stock ? stocked(stock, name, reference) : image
    const tagged = kind === 'manifests' && !found?.blobs.has(reference)
    const data = tagged ? found?.manifest : found?.blobs.get(reference)
    if (!data) {
      answer.writeHead(404).end()
      return
    }
    if (kind === 'blobs' && options.blobsAt) {
      answer.writeHead(307, { location: options.blobsAt(reference) }).end()
      return
    }
    const type = kind === 'manifests' ? typeOf(data) : 'application/octet-stream'
    const said = {
      'docker-content-digest': digestOf(data),
      'content-type': type,
      'content-length': data.length,
    }
    answer.writeHead(200, said).end(method === 'HEAD' ? undefined : data)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://${address}:${port}`,
    caFile,
    asked,
    turnedAway: () => turnedAway,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
