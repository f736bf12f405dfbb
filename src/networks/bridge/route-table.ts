import { canonicalAddress, canonicalCidr, parseAddress, parseCidr } from '../../lib/cidr.js'
import { remembering } from '../../lib/remembering.js'

/** A way to the Pods of a node. */
export interface Route {
  node: string
  /** In canonical form, as the kernel prints it but for the prefix of a single address. */
  cidr: string
  via: string
  /** As `ip route` is told it, and as it prints it. */
  text: string
}

/** @param cidr and @param via in canonical form */
export const routeTo = (node: string, cidr: string, via: string): Route => ({
  node,
  cidr,
  via,
  text: `${cidr} via ${via}`,
})

export interface SeenRoutes {
  /** What the files say. */
  recorded: readonly Route[]
  /** "CIDR via ADDRESS" of every route that goes through another machine. */
  kernel: ReadonlySet<string>
  /** Files of version 0.1.0, one a node: "CIDR ADDRESS". They are read the same, and go with the next change. */
  scattered: boolean
}

/** A line a node: "CIDR ADDRESS NODE". The unit's script reads what lies in its directory when the machine starts. No node is called so. */
export const routeFile = '/etc/kubestrap/bridge/routes/_nodes'

/** Prints what is recorded in files, and the routes of the kernel. $1 the file  $2 the family: -4 or -6. */
export const lookScript = `
for f in "\${1%/*}"/*; do
  [ -f "$f" ] || continue
  [ "$f" = "$1" ] || echo scattered
  while read -r cidr via node; do
    echo "file $cidr $via \${node:-\${f##*/}}"
  done <"$f"
done
ip "$2" route show
`

/** Reads what that prints; lines that are no routes are passed over, and so are written anew. */
export function parseRoutes(printed: string): SeenRoutes {
  const recorded = new Map<string, Route>()
  const kernel = new Set<string>()
  let scattered = false
  for (const line of printed.split('\n')) {
    const read = readLine(line)
    if (read === 'scattered') scattered = true
    else if (typeof read === 'string') kernel.add(read)
    else if (read) recorded.set(read.node, read)
  }
  return { recorded: [...recorded.values()], kernel, scattered }
}

/** A line: of a file a route, of the kernel a route's text. The same ones come from every node, so each is read once. */
const readLine = remembering((line): Route | string | undefined => {
  const [first = '', second = '', third = '', node = ''] = line.trim().split(/\s+/)
  if (first === 'scattered') return 'scattered'
  if (first === 'file')
    return parseCidr(second) && parseAddress(third) && node !== ''
      ? routeTo(node, canonicalCidr(second), canonicalAddress(third))
      : undefined
  return second === 'via' ? routeTo('', withPrefix(first), third).text : undefined
})

/** The kernel leaves out the prefix of a single address. */
const withPrefix = (destination: string): string =>
  destination.includes('/') ? destination : `${destination}/${destination.includes(':') ? 128 : 32}`
