import type { ClusterSpec, HostSpec } from '../../../src/inventory/spec.js'
import { drawnBox, type Kind, line, measure, picture } from './picture-parts.js'

/** A box of a picture: a host or the endpoint. */
interface Box {
  title: string
  /** Lines below the title: what runs there. */
  lines: readonly string[]
  kind: Kind
}

const box = { least: 150, gapX: 24, gapY: 44, margin: 12 } as const

/**
 * The hosts of a cluster as SVG: worker nodes, the endpoint, load balancers, control plane nodes and etcd hosts, each row
 * asking the row below. The order of the inventory decides where a box is.
 */
export function topology(spec: ClusterSpec): string {
  const rows = rowsOf(spec)
  const longest = Math.max(
    ...rows.flat().flatMap(({ title, lines }) => [title, ...lines].map(({ length }) => length)),
  )
  const wide = Math.max(box.least, Math.ceil(longest * measure.letter) + 20)
  const columns = Math.max(...rows.map((row) => row.length))
  const width = columns * (wide + box.gapX) - box.gapX + 2 * box.margin
  const heights = rows.map((row) => 30 + Math.max(...row.map(({ lines }) => lines.length)) * measure.line)
  const tops = heights.map((_, i) => heights.slice(0, i).reduce((sum, h) => sum + h + box.gapY, box.margin))
  const height = (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) + box.margin
  const left = (row: readonly Box[], i: number): number =>
    (width - row.length * (wide + box.gapX) + box.gapX) / 2 + i * (wide + box.gapX)
  const middle = (row: readonly Box[], i: number): number => left(row, i) + wide / 2
  const lines = rows.slice(1).flatMap((row, r) => {
    const above = rows[r] ?? []
    const from = (tops[r] ?? 0) + (heights[r] ?? 0)
    return row.flatMap((_, i) =>
      above.map((_, j) => line(middle(above, j), from, middle(row, i), tops[r + 1] ?? 0)),
    )
  })
  const boxes = rows.flatMap((row, r) =>
    row.map((one, i) => drawnBox(one, { x: left(row, i), y: tops[r] ?? 0, wide, height: heights[r] ?? 0 })),
  )
  return picture(width, height, describe(spec), [...lines, ...boxes])
}

/** A topology in one sentence, for those who do not see the picture. */
export function describe({ hosts, etcd }: ClusterSpec): string {
  const count = (role: HostSpec['roles'][number]): number =>
    hosts.filter(({ roles }) => roles.includes(role)).length
  const counted = [
    [count('load-balancer'), 'load balancer'],
    [count('control-plane'), 'control plane node'],
    [etcd.external ? count('etcd') : 0, 'etcd host'],
    [count('worker'), 'worker node'],
  ] as const
  return counted
    .filter(([number]) => number > 0)
    .map(([number, name]) => `${number} ${name}${number === 1 ? '' : 's'}`)
    .join(', ')
}

/** From who asks down to who is asked: nodes ask the endpoint, that an API server, that etcd. */
function rowsOf(spec: ClusterSpec): Box[][] {
  const { hosts, loadBalancer } = spec
  const of = (role: HostSpec['roles'][number]): HostSpec[] =>
    hosts.filter(({ roles }) => roles.includes(role))
  const onNodes = loadBalancer?.type === 'node-local' ? ['haproxy'] : []
  const stacked = of('etcd').length === 0 ? ['etcd'] : []
  const carried = loadBalancer?.type === 'kube-vip' ? ['kube-vip'] : []
  const box = (kind: Kind, more: (host: HostSpec) => string[]) => (host: HostSpec) => ({
    title: host.name,
    lines: more(host),
    kind,
  })
  const workers = of('worker').filter(({ roles }) => !roles.includes('control-plane'))
  return [
    workers.map(box('worker', () => ['workloads', ...onNodes])),
    [{ title: 'API endpoint', lines: endpointLines(spec), kind: 'endpoint' as const }],
    of('load-balancer').map(
      box('balancer', () => ['haproxy', ...(loadBalancer?.virtualIp ? ['keepalived'] : [])]),
    ),
    of('control-plane').map(
      box('plane', ({ roles }) => [
        'API server',
        ...stacked,
        ...onNodes,
        ...carried,
        ...(roles.includes('worker') ? ['workloads'] : []),
      ]),
    ),
    of('etcd').map(box('etcd', () => ['etcd'])),
  ].filter((row) => row.length > 0)
}

function endpointLines({ endpoint, loadBalancer }: ClusterSpec): string[] {
  const name = `${endpoint.host}:${endpoint.port}`
  if (loadBalancer?.type === 'node-local') return [name, 'on each node']
  return loadBalancer?.virtualIp ? [name, `virtual IP ${loadBalancer.virtualIp}`] : [name]
}
