import { isDnsName, isLoopbackName } from '../../lib/grammar/dns-name.js'

/** Whether a lower-case text can be the name of a Node: RFC 1123, the length of the label kubernetes.io/hostname, no loopback name. */
export function isNodeName(text: string): boolean {
  return text.length <= 63 && isDnsName(text) && !isLoopbackName(text)
}

/** The first label of a host name, in lower case; undefined when it cannot be a node name. */
export function shortName(hostname: string): string | undefined {
  const short = hostname.toLowerCase().split('.')[0] ?? ''
  return isNodeName(short) ? short : undefined
}
