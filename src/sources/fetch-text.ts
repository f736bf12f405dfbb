import { type ErrorKind, UserError } from '../lib/errors.js'
import { type Answer, openStream, wordsOf } from './open-stream.js'
import type { Environment } from './tunnel.js'

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
    const { ca, environment } = options
    const asked = { url: wanted.url, ca, idleMs: deadlineMs, signal, ...(environment ? { environment } : {}) }
    return await textOf(wanted, await openStream(asked))
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

async function textOf(wanted: Wanted, { status, words, body, url }: Answer): Promise<string> {
  if (status !== 200) body.destroy()
  if (status === 404 || status === 410)
    throw new UserError(wanted.missing.kind, `${wanted.what} was not found`, {
      why: `${words}\n${wanted.missing.why}`,
      next: wanted.missing.next,
    })
  if (status !== 200) throw cannot(wanted, words)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
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

const isUntrusted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && untrusted.test(String(error.code))
