import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { get as getPlain } from 'node:http'
import { get } from 'node:https'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { type Environment, proxyFor, type Tunnel, tunnel } from './tunnel.js'

/** A GET whose answer may be large. */
export interface Ask {
  url: string
  headers?: Readonly<Record<string, string>>
  /** PEM of certificate authorities that count besides the public ones. */
  ca: string | undefined
  /** The certificate of the server is not verified; those of servers that it redirects to are. */
  skipVerify?: boolean
  /** How long it may take until there is an answer, and how long an answer may stand still. */
  idleMs: number
  signal: AbortSignal | undefined
  /** Where a proxy may be named (https_proxy); it always verifies the server's certificate. Default: that of this process. */
  environment?: Environment
}

export interface Answer {
  status: number
  /** "URL answers 404 Not Found": what is told of it. */
  words: string
  headers: IncomingHttpHeaders
  /** Fails when the connection is cut before the announced length, or slower than `leastRate`. */
  body: IncomingMessage
  /** Where the redirects led. */
  url: string
}

/** dl.k8s.io and GitHub have one redirect each, to where the files lie. */
const mostRedirects = 5
/** Bytes a second, on average of `idleMs`: less is taken for standing still. */
const leastRate = 1024

/**
 * Asks, and follows redirects: never from HTTPS to HTTP, and to another host without the Authorization header. Throws
 * the error of the connection.
 */
export function openStream(ask: Ask, redirects = mostRedirects): Promise<Answer> {
  return askPatiently(ask).then((answer) => {
    const { statusCode = 0, statusMessage = '', headers } = answer
    const location = statusCode >= 300 && statusCode < 400 ? headers.location : undefined
    if (location === undefined)
      return {
        status: statusCode,
        words: `${shownUrl(ask.url)} answers ${statusCode} ${statusMessage}`.trimEnd(),
        headers,
        body: answer,
        url: ask.url,
      }
    answer.destroy()
    const next = URL.canParse(location, ask.url) ? new URL(location, ask.url) : undefined
    const from = new URL(ask.url)
    if (next?.protocol !== 'https:' && !(next?.protocol === 'http:' && from.protocol === 'http:'))
      throw new Error(`${shownUrl(ask.url)} leads away from HTTPS, to ${next?.origin ?? 'what is no URL'}`)
    if (redirects === 0) throw new Error(`more than ${mostRedirects} redirects, the last to ${next.origin}`)
    return openStream(
      next.origin === from.origin
        ? { ...ask, url: next.href }
        : { ...ask, url: next.href, headers: withoutLogin(ask.headers), skipVerify: false },
      redirects - 1,
    )
  })
}

const withoutLogin = (headers: Ask['headers'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))

/** Without a query: the one of a blob that lies elsewhere is a permit. */
export const shownUrl = (url: string): string => url.replace(/\?.*/, '')

/** More than a hundred certificates are read only once. */
const contexts = new Map<string, SecureContext>()

function trusting(ca: string): SecureContext {
  const known = contexts.get(ca) ?? createSecureContext({ ca: [...rootCertificates, ca] })
  contexts.set(ca, known)
  return known
}

/** How often a question is asked whose connection is lost before there is an answer, and how long not meanwhile. */
const tries = 3
const pauseMs = 200

async function askPatiently(ask: Ask): Promise<IncomingMessage> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await request(ask)
    } catch (error) {
      if (tried >= tries || !isLost(error) || ask.signal?.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs * tried))
    }
  }
}

/** A connection that ended early: the next one may not. One that is silent has had its time, and one that is refused its answer. */
export const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ECONNABORTED')

async function request(ask: Ask): Promise<IncomingMessage> {
  const { url, ca, idleMs, signal } = ask
  const to = new URL(url)
  const proxy = to.protocol === 'https:' ? proxyFor(to, ask.environment ?? process.env) : undefined
  if (!proxy) return answerTo(ask, undefined)
  const late = AbortSignal.timeout(idleMs)
  const tunnelled = await tunnel(to, proxy, {
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
    signal: signal ? AbortSignal.any([signal, late]) : late,
  })
  try {
    const answer = await answerTo(ask, tunnelled)
    answer.once('close', tunnelled.end)
    return answer
  } catch (error) {
    tunnelled.end()
    throw error
  }
}

function answerTo(
  { url, headers = {}, ca, skipVerify, idleMs, signal }: Ask,
  tunnelled: Tunnel | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const authorities = ca === undefined ? {} : { secureContext: trusting(ca) }
    const through = tunnelled ? { createConnection: () => tunnelled.inside } : {}
    // no agent: nothing of it stays open when the run ends
    const common = {
      headers: { 'user-agent': 'kubestrap', ...headers },
      agent: false,
      ...(signal ? { signal } : {}),
    }
    const asked = url.startsWith('http:')
      ? getPlain(url, common)
      : get(url, { ...common, ...authorities, ...through, rejectUnauthorized: skipVerify !== true })
    const seconds = idleMs / 1000
    const late = setTimeout(() => asked.destroy(new Error(`no answer within ${seconds} s`)), idleMs)
    asked.on('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    asked.once('response', (answer) => {
      clearTimeout(late)
      watch(answer, idleMs)
      resolve(answer)
    })
  })
}

function watch(answer: IncomingMessage, idleMs: number): void {
  let bytes = 0
  const counting = (chunk: Buffer): void => {
    bytes += chunk.length
  }
  const seconds = idleMs / 1000
  const timer = setInterval(() => {
    // who reads it slowly is not to blame on the server
    if (bytes < leastRate * seconds && answer.readableLength === 0)
      answer.destroy(new Error(`less than ${leastRate} bytes a second for ${seconds} s`))
    bytes = 0
  }, idleMs)
  const passOn = answer.push
  // a listener for data would make it flow before somebody reads it
  answer.push = function push(chunk, encoding) {
    if (Buffer.isBuffer(chunk)) counting(chunk)
    return passOn.call(answer, chunk, encoding)
  }
  answer.once('close', () => clearInterval(timer))
}

/** The reason of a failed connection, in words. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // of several addresses that were tried node has an error without words
  const [first] = error instanceof AggregateError ? error.errors : [error]
  return (first instanceof Error ? first.message : error.message) || error.name
}
