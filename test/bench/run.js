// Figures as ratios measured in one run, by turns, on machines of the bench's own: medians and spreads.
// Not a test: nothing here passes or fails. Needs root, Linux and `npm run build`.
// node test/bench/run.js [certificates] [ha] [up] [idle] [--runs N]
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { certificates } from './certificates.js'
import { idle } from './idle.js'
import { bundle, single, takeDown, writeInventories } from './lab.js'
import { kubestrap } from './program.js'
import { ha, up } from './up.js'

/** In this order: `up` leaves the cluster that `idle` is about. */
const parts = { certificates, ha, up, idle }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' } },
})
const runs = Number(values.runs)
const wanted = Object.keys(parts).filter((name) => positionals.length === 0 || positionals.includes(name))
if (!Number.isInteger(runs) || runs < 1 || positionals.some((name) => !(name in parts))) {
  process.stderr.write(`say which of ${Object.keys(parts).join(', ')}, and --runs N\n`)
  process.exit(2)
}

writeInventories()
const { inventory } = single
if (!existsSync(`${bundle}/bundle.json`)) await kubestrap('lab', 'bundle', '-i', inventory)
try {
  if (wanted.includes('idle') && !wanted.includes('up')) await kubestrap('lab', 'quickstart', '-i', inventory)
  for (const name of wanted) await parts[name](runs)
} finally {
  await takeDown()
}
