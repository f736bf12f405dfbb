import { parseArgs } from 'node:util'

/** What benchmarks there are, in this order: `up` leaves the cluster that `idle` is about, `images` has machines of its own; `graph` and `view` need none. */
export const names = ['graph', 'view', 'certificates', 'ha', 'up', 'idle', 'images']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    small: { type: 'boolean', default: false },
    mbit: { type: 'string' },
  },
})

export const runs = Number(values.runs)
/** As few machines as will do: to see that the benchmarks work, not for figures. */
export const { small } = values
/** What the line to each machine bears, in Mbit/s, where something is sent: else processors alone are the limit. */
export const { mbit } = values
export const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name))

if (!Number.isInteger(runs) || runs < 1 || positionals.some((name) => !names.includes(name))) {
  process.stderr.write(`say which of ${names.join(', ')}, --runs N, --small, --mbit N\n`)
  process.exit(2)
}
