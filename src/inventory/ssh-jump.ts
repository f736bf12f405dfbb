/** One bastion as it is written: the rest is the SSH configuration's and the inventory's to say. */
export interface Hop {
  user: string | undefined
  host: string
  port: number | undefined
}

/**
 * Reads `[USER@]HOST[:PORT][,…]` (ssh(1), -J), also with ssh:// before a hop and [ ] around IPv6.
 * "none" is no hop at all; undefined when it cannot be read.
 */
export function parseJump(text: string): readonly Hop[] | undefined {
  if (text.trim().toLowerCase() === 'none') return []
  const hops = text.split(',').map((part) => parseHop(part.trim()))
  return hops.every((hop) => hop !== undefined) ? hops : undefined
}

function parseHop(text: string): Hop | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^\s@]+)@)?(?:\[([0-9A-Fa-f:.]+)\]|([^\s@:[\]/]+))(?::(\d{1,5}))?$/.exec(
    text,
  )
  const host = match?.[2] ?? match?.[3]
  if (!match || host === undefined) return undefined
  const port = match[4] === undefined ? undefined : Number(match[4])
  if (port !== undefined && (port < 1 || port > 65535)) return undefined
  return { user: match[1], host, port }
}
