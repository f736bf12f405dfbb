import { containsAddress, parseCidr } from '../lib/cidr.js'
import { Secret } from '../lib/secret.js'

/** A proxy as hosts are told it. */
export interface HostProxy {
  /** "http://proxy.example.com:3128", for each scheme that goes through one. */
  http: string | undefined
  https: string | undefined
  auth: { username: string; password: Secret } | undefined
  /** What is reached without it: names, addresses, subnets, and domains with a dot before them. */
  noProxy: readonly string[]
}

/** Begins each of the files; without it a file is somebody else's. */
export const proxyMark = 'Written by kubestrap: sources.proxy'

/** Files whose settings hold a password are a secret as a whole. */
const guarded = ({ auth }: HostProxy, text: string): string | Secret => (auth ? new Secret(text) : text)

/** Variables in the form that sh and systemd read alike: nothing in a URL or a list has a meaning between double quotes. */
export function proxyEnvironment(proxy: HostProxy): string | Secret {
  const variables = {
    http_proxy: withLogin(proxy.http, proxy),
    https_proxy: withLogin(proxy.https, proxy),
    no_proxy: proxy.noProxy.join(','),
  }
  // curl reads the one in lower case alone, others prefer the other
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value}"\n`, `${name.toUpperCase()}="${value}"\n`],
  )
  return guarded(proxy, `# ${proxyMark}\n${lines.join('')}`)
}

/**
 * For every apt of a host (apt-transport-http(1)). It knows hosts by name alone, no subnets and no domains: of these the
 * servers that are in one are named.
 * @param servers names and addresses that apt is known to have packages from
 */
export function aptProxy(proxy: HostProxy, servers: readonly string[]): string | Secret {
  const within = servers.filter((server) => proxy.noProxy.some((one) => contains(one, server)))
  const direct = [...new Set([...proxy.noProxy, ...within])].filter((one) =>
    /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(one),
  )
  const lines = (['http', 'https'] as const).flatMap((scheme) => {
    const url = withLogin(proxy[scheme], proxy)
    if (url === undefined) return []
    return [
      `Acquire::${scheme}::Proxy "${url}";\n`,
      ...direct.map((host) => `Acquire::${scheme}::Proxy::${host} "DIRECT";\n`),
    ]
  })
  return guarded(proxy, `// ${proxyMark}\n${lines.join('')}`)
}

/** Whether a server is in a domain with a dot before it, of whatever case, or in a subnet. */
function contains(one: string, server: string): boolean {
  if (one.startsWith('.')) return server.toLowerCase().endsWith(one.toLowerCase())
  const subnet = parseCidr(one)
  return subnet !== undefined && containsAddress(subnet, server)
}

/** For a unit; the proxy itself stands elsewhere, so that it is no secret. */
export const unitProxy = (file: string): string => `# ${proxyMark}\n[Service]\nEnvironmentFile=-${file}\n`

function withLogin(url: string | undefined, { auth }: HostProxy): string | undefined {
  if (url === undefined || auth === undefined) return url
  const [scheme = '', rest = ''] = url.split('://')
  return `${scheme}://${encoded(auth.username)}:${encoded(auth.password.reveal())}@${rest}`
}

/** Percent-encoded, apostrophes and what RFC 3986 reserves too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
