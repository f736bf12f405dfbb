// Figures as ratios measured in one run, by turns, on machines of the bench's own: medians and spreads.
// Not a test: nothing here passes or fails. Needs `npm run build`, and all but `view` root and Linux.
// node test/bench/run.js [view] [certificates] [ha] [up] [idle] [--runs N] [--small]
import { existsSync } from 'node:fs'
import { certificates } from './certificates.js'
import { idle } from './idle.js'
import { bundle, single, takeDown, writeInventories } from './lab.js'
import { runs, wanted } from './options.js'
import { kubestrap } from './program.js'
import { ha, up } from './up.js'
import { view } from './view.js'

const parts = { view, certificates, ha, up, idle }
const lab = wanted.some((name) => name !== 'view')

const { inventory } = single
if (lab) {
  writeInventories()
  if (!existsSync(`${bundle}/bundle.json`)) await kubestrap('lab', 'bundle', '-i', inventory)
}
try {
  if (wanted.includes('idle') && !wanted.includes('up')) await kubestrap('lab', 'quickstart', '-i', inventory)
  for (const name of wanted) await parts[name](runs)
} finally {
  if (lab) await takeDown()
}
