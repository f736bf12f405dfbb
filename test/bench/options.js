import { parseArgs } from 'node:util'

/** What benchmarks there are, in this order: `up` leaves the cluster that `idle` is about, `images` and `fan-out` have machines of their own; `graph`, `view` and `scale` need none. */
export const names = ['graph', 'view', 'scale', 'certificates', 'ha', 'up', 'idle', 'images', 'fan-out']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    small: { type: 'boolean', default: false },
    mbit: { type: 'string' },
    hosts: { type: 'string', default: '50,200,500' },
  },
})

export const runs = Number(values.runs)
/** As few machines as will do: to see that the benchmarks work, not for figures. */
export const { small } = values
/** What the line to each machine bears, in Mbit/s, where something is sent: else processors alone are the limit. */
export const { mbit } = values
/** How many hosts the fleets of `scale` have. */
export const hosts = values.hosts.split(',').map(Number)
export const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name))

if (
  !Number.isInteger(runs) ||
  runs < 1 ||
  hosts.some((size) => !(size >= 2)) ||
  positionals.some((name) => !names.includes(name))
) {
  process.stderr.write(`say which of ${names.join(', ')}, --runs N, --small, --mbit N, --hosts N,N,N\n`)
  process.exit(2)
}
