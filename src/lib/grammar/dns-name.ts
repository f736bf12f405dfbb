/** RFC 1123 subdomain, as Kubernetes checks node names and label prefixes. */
export function isDnsName(text: string): boolean {
  return (
    text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(part))
  )
}

/** Whether a name stands for the loopback wherever it is asked for (RFC 6761, 6.3; and what /etc/hosts files have). */
export function isLoopbackName(text: string): boolean {
  return /(^|\.)localhost$/.test(text) || /^(localhost\.localdomain|ip6-localhost|ip6-loopback)$/.test(text)
}
