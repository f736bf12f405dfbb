import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** Variables of this computer, as curl reads them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that this computer's environment has for a URL of https: https_proxy unless no_proxy has its host, a domain
 * above it, or "*". Undefined: none. Throws an Error for one that is no URL, or whose login cannot be decoded.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const text = environment.https_proxy || environment.HTTPS_PROXY
  if (!text) return undefined
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const without = (environment.no_proxy || environment.NO_PROXY || '').split(/[\s,]+/).filter(Boolean)
  const isWithout = without.some((one) => {
    const name = one.replace(/^\*?\./, '').replace(/:\d+$/, '')
    return one === '*' || host === one || host === name || host.endsWith(`.${name}`)
  })
  if (isWithout) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  if (!URL.canParse(proxy)) throw new Error('https_proxy of the environment is not a URL')
  const parsed = new URL(proxy)
  loginOf(parsed)
  return parsed
}

/** Who logs in at a proxy, "USER:PASSWORD". Throws an Error that does not show it. */
function loginOf({ username, password }: URL): string {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    throw new Error(
      'https_proxy of the environment has a % in its login that encodes nothing: write %25 for it',
    )
  }
}

/** A TLS connection through a proxy. Ending it ends both: tls.connect() leaves a socket that it was given to its giver. */
export interface Tunnel {
  inside: TLSSocket
  end(): void
}

/** A TLS connection to the host of a URL through a proxy (CONNECT, RFC 9110). Throws an Error that does not show a password. */
export async function tunnel(
  url: URL,
  proxy: URL,
  { ca, signal }: { ca: string[] | undefined; signal: AbortSignal },
): Promise<Tunnel> {
  const port = url.port || '443'
  const socket = await new Promise<Socket>((resolve, reject) => {
    const login = loginOf(proxy)
    const ask = (proxy.protocol === 'https:' ? secure : plain)({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 3128),
      method: 'CONNECT',
      path: `${url.hostname}:${port}`,
      headers: {
        host: `${url.hostname}:${port}`,
        ...(proxy.username
          ? { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
          : {}),
      },
      agent: false,
      signal,
    })
    ask.once('connect', (answer, opened) => {
      if (answer.statusCode === 200) return resolve(opened)
      opened.destroy()
      reject(
        new Error(
          `the proxy ${proxy.host} of the environment answers ${answer.statusCode} ${answer.statusMessage}`,
        ),
      )
    })
    ask.once('response', (answer) => {
      answer.destroy()
      reject(new Error(`the proxy ${proxy.host} of the environment answers ${answer.statusCode} to CONNECT`))
    })
    ask.once('error', (error) =>
      reject(new Error(`the proxy ${proxy.host} of the environment: ${error.message}`, { cause: error })),
    )
    ask.end()
  })
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // an address has no server name (RFC 6066); the certificate is checked against it all the same
  const inside = connect({ socket, host, ...(isIP(host) ? {} : { servername: host }), ...(ca ? { ca } : {}) })
  const end = (): void => {
    inside.destroy()
    socket.destroy()
  }
  return { inside, end }
}
