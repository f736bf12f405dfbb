// Figures as ratios measured in one run, by turns, on machines of the bench's own: medians and spreads.
// Not a test: nothing here passes or fails. Needs `npm run build`; all but `graph` and `view` need root and Linux.
// node test/bench/run.js [graph] [view] [scale] [certificates] [ha] [up] [idle] [images] [fan-out] [--runs N] [--small] [--mbit N] [--hosts N,N,N]
import { existsSync } from 'node:fs'
import { certificates } from './certificates.js'
import { fanOut } from './fan-out.js'
import { graph } from './graph.js'
import { idle } from './idle.js'
import { images } from './images.js'
import { bundle, single, takeDown, writeInventories } from './lab.js'
import { runs, wanted } from './options.js'
import { kubestrap } from './program.js'
import { scale } from './scale.js'
import { ha, up } from './up.js'
import { view } from './view.js'

const parts = { certificates, ha, up, idle, images, 'fan-out': fanOut }
/** What needs no machine. */
const alone = { graph, view, scale }
const others = wanted.filter((name) => !(name in alone))

for (const name of wanted) await alone[name]?.(runs)
if (others.length > 0) await onMachines()

async function onMachines() {
  writeInventories()
  const { inventory } = single
  if (others.some((name) => name !== 'images' && name !== 'fan-out') && !existsSync(`${bundle}/bundle.json`))
    await kubestrap('lab', 'bundle', '-i', inventory)
  try {
    if (wanted.includes('idle') && !wanted.includes('up'))
      await kubestrap('lab', 'quickstart', '-i', inventory)
    for (const name of others) await parts[name](runs)
  } finally {
    await takeDown()
  }
}
