import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { rootCertificates } from 'node:tls'
import { type ErrorKind, UserError } from '../lib/errors.js'
import { type Environment, proxyFor, type Tunnel, tunnel } from './tunnel.js'

/** A small text that is fetched. */
export interface Wanted {
  url: string
  /** What it is, for messages: "the digest of kubelet 1.30.1 for amd64". */
  what: string
  maxBytes: number
  /** Where the server does not have it: whose mistake that is, and what to do. */
  missing: { kind: ErrorKind; why: string; next: string }
  /** What to do where it cannot be fetched. */
  next: string
}

/** How the operator's side fetches. */
export interface FetchOptions {
  /** PEM of certificate authorities that count besides the public ones. */
  ca: string | undefined
  /** For all of it, redirects too. Default 30 000. */
  deadlineMs?: number
  signal?: AbortSignal | undefined
  /** Ask nobody: what was not kept by an earlier run is not known. */
  keptOnly?: boolean
  /** Where a proxy may be named (https_proxy). Default: that of this process. */
  environment?: Environment
}

/** dl.k8s.io and GitHub have one redirect each, to where the files lie. */
const mostRedirects = 5
const defaultDeadlineMs = 30_000

/** Codes of errors that say a certificate is not trusted (node:tls, "X509 certificate error codes"). */
const untrusted =
  /^(CERT_|ERR_TLS_CERT|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|HOSTNAME_MISMATCH|INVALID_CA)/

/**
 * A text over HTTPS, whole or not at all; no redirect leads away from HTTPS. Throws UserError: `missing.kind` where the
 * server answers 404 or 410, 'preflight' for more than `maxBytes`, 'connection' for everything else.
 */
export async function fetchText(wanted: Wanted, options: FetchOptions): Promise<string> {
  const { deadlineMs = defaultDeadlineMs } = options
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  try {
    const { environment = process.env } = options
    return await follow(wanted, wanted.url, { ca: options.ca, signal, environment }, mostRedirects)
  } catch (error) {
    if (error instanceof UserError) throw error
    if (options.signal?.aborted) throw options.signal.reason
    throw cannot(wanted, deadline.aborted ? `no answer within ${deadlineMs / 1000} s` : wordsOf(error), {
      cause: error,
      ...(isUntrusted(error)
        ? {
            next: 'set sources.caCertificate to the CA certificate of the server, if the server is your mirror',
          }
        : {}),
    })
  }
}

interface How {
  ca: string | undefined
  signal: AbortSignal
  environment: Environment
}

async function follow(wanted: Wanted, url: string, how: How, redirects: number): Promise<string> {
  const authorities = how.ca === undefined ? undefined : [...rootCertificates, how.ca]
  const proxy = proxyFor(new URL(url), how.environment)
  const tunnelled = proxy && (await tunnel(new URL(url), proxy, { ca: authorities, signal: how.signal }))
  let next: URL
  try {
    const answer = await ask(url, how.signal, authorities, tunnelled)
    const { statusCode = 0, headers } = answer
    const location = statusCode >= 300 && statusCode < 400 ? headers.location : undefined
    if (location === undefined) return await body(wanted, url, answer)
    answer.destroy()
    next = secureUrl(wanted, url, location)
  } finally {
    tunnelled?.end()
  }
  if (redirects === 0)
    throw cannot(wanted, `more than ${mostRedirects} redirects, the last to ${next.origin}`)
  return follow(wanted, next.href, how, redirects - 1)
}

/** Where a redirect leads. Throws UserError('connection') when that is away from HTTPS. */
function secureUrl(wanted: Wanted, url: string, location: string): URL {
  const next = URL.canParse(location, url) ? new URL(location, url) : undefined
  if (next?.protocol === 'https:') return next
  throw cannot(wanted, `${url} leads away from HTTPS, to ${next?.origin ?? 'what is no URL'}`)
}

function ask(
  url: string,
  signal: AbortSignal,
  ca: string[] | undefined,
  tunnelled: Tunnel | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const how = {
      ...(ca ? { ca } : {}),
      ...(tunnelled ? { createConnection: () => tunnelled.inside } : {}),
    }
    // no agent: nothing of it stays open when the run ends
    const request = get(url, { ...how, agent: false, signal }, resolve)
    request.once('error', reject)
  })
}

async function body(wanted: Wanted, url: string, answer: IncomingMessage): Promise<string> {
  const { statusCode = 0, statusMessage = '' } = answer
  const status = `${url} answers ${statusCode} ${statusMessage}`.trimEnd()
  if (statusCode !== 200) answer.destroy()
  if (statusCode === 404 || statusCode === 410)
    throw new UserError(wanted.missing.kind, `${wanted.what} was not found`, {
      why: `${status}\n${wanted.missing.why}`,
      next: wanted.missing.next,
    })
  if (statusCode !== 200) throw cannot(wanted, status)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    size += chunk.length
    if (size > wanted.maxBytes)
      throw new UserError('preflight', `${wanted.what} cannot be trusted`, {
        why: `${url} has more than ${wanted.maxBytes} bytes`,
        next: wanted.next,
      })
  }
  return Buffer.concat(chunks).toString('utf8')
}

const cannot = (
  { what, url, next }: Wanted,
  why: string,
  more: { next?: string; cause?: unknown } = {},
): UserError =>
  new UserError('connection', `cannot fetch ${what} from ${new URL(url).host}`, { why, next, ...more })

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // of several addresses that were tried node has an error without words
  const [first] = error instanceof AggregateError ? error.errors : [error]
  return first instanceof Error ? first.message : error.message
}

const isUntrusted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && untrusted.test(String(error.code))
