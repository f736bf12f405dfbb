import { UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import { type Answer, openStream, shownUrl, wordsOf } from '../../sources/open-stream.js'
import { parseChallenge } from './challenge.js'
import type { ImageServer } from './server.js'

export interface ClientOptions {
  idleMs: number
  signal: AbortSignal | undefined
}

/** A registry has no such image; another server may have it. */
export class NotThere extends UserError {
  constructor(why: string) {
    super('inventory', 'the image was not found', { why })
    this.name = 'NotThere'
  }
}

const tokenBytes = 64 * 1024

/**
 * Pulls of one repository of one server, by the OCI Distribution Specification (v2). What the server asks for is given:
 * a login (Basic) or a token (Bearer), which is fetched where it says. The login goes to that server, and to who hands out
 * its tokens, over HTTPS; never to where a blob is redirected to. (No package of npm was found that checks digests, streams
 * blobs, and keeps logins from other hosts.)
 */
export class RegistryClient {
  #authorization: Secret | undefined
  readonly #origin: string

  constructor(
    readonly server: ImageServer,
    readonly repository: string,
    readonly options: ClientOptions,
  ) {
    this.#origin = new URL(server.base).origin
  }

  /** "registry.k8s.io" */
  get name(): string {
    return new URL(this.server.base).host
  }

  /**
   * Asks for "manifests/TAG" or "blobs/DIGEST". Throws NotThere, UserError('connection'), the error of the connection.
   */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { base, mirrorOf } = this.server
    const url = `${base}/${this.repository}/${path}${mirrorOf === undefined ? '' : `?ns=${encodeURIComponent(mirrorOf)}`}`
    let answer = await this.#ask(url, headers, this.#authorization)
    // a registry may let us in and lead to another one, which asks as well
    for (let asked = 0; asked < 2 && answer.status === 401; asked += 1) {
      const again = await this.#again(answer, url, headers)
      if (again === answer) break
      answer = again
    }
    if (answer.status === 200 || answer.status === 206) return answer
    answer.body.destroy()
    if (answer.status === 404 || answer.status === 410) throw new NotThere(answer.words)
    if (answer.status === 401 || answer.status === 403)
      throw new UserError('connection', `${this.name} does not let us pull ${this.repository}`, {
        why: answer.words,
        next: `set registries: { "${this.name}": { auth: { username, password } } }, or fix the login; a registry may answer so for an image that it does not have`,
      })
    throw new UserError('connection', `${this.name} does not give ${this.repository}`, {
      why: answer.words,
      next: 'run again later, or name a mirror that has it (registries)',
    })
  }

  #ask(
    url: string,
    headers: Readonly<Record<string, string>>,
    authorization: Secret | undefined,
  ): Promise<Answer> {
    const { ca, skipVerify } = this.server
    const { idleMs, signal } = this.options
    const login: Record<string, string> = authorization ? { authorization: authorization.reveal() } : {}
    return openStream({ url, headers: { ...headers, ...login }, ca, skipVerify, idleMs, signal })
  }

  /** Once more with what a 401 asks for. */
  async #again(refused: Answer, url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const challenge = parseChallenge(refused.headers['www-authenticate'])
    // a registry may redirect to another one (registry.k8s.io), which has no business with the login of the first
    const own = new URL(refused.url).origin === this.#origin
    const auth = own ? this.server.auth : undefined
    if (challenge?.kind === 'bearer') {
      refused.body.destroy()
      const token = await this.#token(challenge, auth)
      const authorization = new Secret(`Bearer ${token.reveal()}`)
      if (own) this.#authorization = authorization
      return this.#ask(own ? url : refused.url, headers, authorization)
    }
    if (challenge?.kind !== 'basic' || !auth || !this.#origin.startsWith('https:')) return refused
    refused.body.destroy()
    this.#authorization = basic(auth)
    return this.#ask(url, headers, this.#authorization)
  }

  async #token(
    { realm, service, scope }: { realm: string; service: string | undefined; scope: string | undefined },
    auth: ImageServer['auth'],
  ): Promise<Secret> {
    const url = new URL(realm)
    const cannot = (why: string): UserError =>
      new UserError('connection', `cannot get a token for ${this.repository} of ${this.name}`, {
        why,
        next: auth
          ? `fix the login of ${this.name} (registries)`
          : `set registries: { "${this.name}": { auth: { username, password } } }, where it requires a login`,
      })
    if (url.protocol !== 'https:' && (auth || this.#origin.startsWith('https:')))
      throw cannot(`${this.name} hands out tokens at ${url.origin}, which is not HTTPS`)
    if (service !== undefined) url.searchParams.set('service', service)
    url.searchParams.set('scope', scope ?? `repository:${this.repository}:pull`)
    const { ca, skipVerify } = this.server
    const { idleMs, signal } = this.options
    const answer = await openStream({
      url: url.href,
      headers: auth ? { authorization: basic(auth).reveal() } : {},
      ca,
      skipVerify: skipVerify && url.origin === this.#origin,
      idleMs,
      signal,
    }).catch((error: unknown) => {
      throw cannot(`${shownUrl(url.href)}: ${wordsOf(error)}`)
    })
    if (answer.status !== 200) {
      answer.body.destroy()
      throw cannot(answer.words)
    }
    const text = (await readWhole(answer, tokenBytes)).toString('utf8')
    const token = tokenIn(text)
    if (token === undefined) throw cannot(`${shownUrl(url.href)} answers without a token`)
    return new Secret(token)
  }
}

const basic = ({ username, password }: NonNullable<ImageServer['auth']>): Secret =>
  new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`)

function tokenIn(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const found = ('token' in value && value.token) || ('access_token' in value && value.access_token)
  // it becomes a header
  return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined
}

/** A body as a whole. Throws UserError('preflight') when it is larger than `maxBytes`. */
export async function readWhole({ body, url }: Answer, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size <= maxBytes) continue
    body.destroy()
    throw new UserError('preflight', `the answer of ${new URL(url).host} cannot be trusted`, {
      why: `${shownUrl(url)} has more than ${maxBytes} bytes`,
      next: 'find out who answers there; nothing of it was kept',
    })
  }
  return Buffer.concat(chunks)
}
