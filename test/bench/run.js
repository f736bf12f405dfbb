// Figures as ratios measured in one run, by turns, on machines of the bench's own: medians and spreads.
// Not a test: nothing here passes or fails. Needs root, Linux and `npm run build`.
// node test/bench/run.js [graph] [certificates] [ha] [up] [idle] [images] [--runs N] [--small] [--mbit N]
import { existsSync } from 'node:fs'
import { certificates } from './certificates.js'
import { graph } from './graph.js'
import { idle } from './idle.js'
import { images } from './images.js'
import { bundle, single, takeDown, writeInventories } from './lab.js'
import { runs, wanted } from './options.js'
import { kubestrap } from './program.js'
import { ha, up } from './up.js'

const parts = { certificates, ha, up, idle, images }
const others = wanted.filter((name) => name !== 'graph')

if (wanted.includes('graph')) await graph(runs)
if (others.length > 0) await onMachines()

async function onMachines() {
  writeInventories()
  const { inventory } = single
  if (others.some((name) => name !== 'images') && !existsSync(`${bundle}/bundle.json`))
    await kubestrap('lab', 'bundle', '-i', inventory)
  try {
    if (wanted.includes('idle') && !wanted.includes('up'))
      await kubestrap('lab', 'quickstart', '-i', inventory)
    for (const name of others) await parts[name](runs)
  } finally {
    await takeDown()
  }
}
