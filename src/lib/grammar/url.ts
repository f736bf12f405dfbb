import { isDnsName } from './dns-name.js'
import type { Grammar } from './grammar.js'

/** The host of a URL: a DNS name or an address. */
const isHost = (text: string): boolean =>
  isDnsName(text) || /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/.test(text)

/**
 * A URL below which files lie at paths of their own: https, no user, no query. It comes to stand in the configuration of
 * package managers, and is an argument of curl, so its path has characters that mean nothing elsewhere.
 */
export const baseUrl: Grammar = {
  is: 'the base URL of a mirror',
  accepts: (text) => {
    const [, host = '', port, path = ''] =
      /^https:\/\/([^/:[\]]+|\[[^\]]+\])(?::(\d{1,5}))?(\/.*)?$/.exec(text) ?? []
    return (
      text.length <= 1000 &&
      isHost(host) &&
      (port === undefined || (Number(port) >= 1 && Number(port) <= 65535)) &&
      /^(?:\/[A-Za-z0-9._~:+-]+)*\/?$/.test(path) &&
      !/\/\.\.?(?:\/|$)/.test(path)
    )
  },
  write: (text) =>
    /^http:/.test(text)
      ? 'use https: what an unencrypted mirror gives can be replaced on the way, digests included'
      : 'use https://mirror.example.com, with port and path if needed, without a user and a query',
}

/** A proxy: who logs in there is not part of it. */
export const proxyUrl: Grammar = {
  is: 'the URL of a proxy',
  accepts: (text) => {
    const [, host = '', port] = /^https?:\/\/([^/:@[\]]+|\[[^\]]+\])(?::(\d{1,5}))?\/?$/.exec(text) ?? []
    return (
      text.length <= 1000 &&
      isHost(host) &&
      (port === undefined || (Number(port) >= 1 && Number(port) <= 65535))
    )
  },
  write: (text) =>
    text.includes('@')
      ? 'use http://HOST:PORT, and auth: { username: …, password: env:NAME } for the login'
      : 'use http://proxy.example.com:3128, without a path',
}

/** An entry of a list of what is reached without a proxy. */
export const noProxyEntry: Grammar = {
  is: 'a name, an address, a subnet or a domain',
  accepts: (text) => text.length <= 255 && /^[A-Za-z0-9.*:][A-Za-z0-9.:*_/-]*$/.test(text),
  write: 'use one entry each: host.example.com, 10.0.0.0/8 or .example.com',
}

/** A version of a release, as its URL has it after the v. */
export const releaseVersion: Grammar = {
  is: 'a version',
  accepts: (text) => text.length <= 50 && /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?$/.test(text),
  write: 'use three numbers without the v, quoted: "2.2.3"',
}
