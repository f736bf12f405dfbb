import { join } from 'node:path'
import { median } from './measure.js'
import { small } from './options.js'
import { root, run } from './program.js'

/** How long a run takes, seconds: a birth of so many hosts takes longer, and has its events less close together. */
const seconds = small ? 1 : 20

async function play(hosts, what) {
  const script = join(root, 'test/bench/play-view.js')
  return JSON.parse(await run(process.execPath, [script, String(hosts), String(seconds), what]))
}

/** What the live view costs of one processor while a run goes on, without what telling the events costs by itself. */
export async function view(runs) {
  for (const hosts of [5, 50, 500]) {
    const shares = []
    let last
    for (let i = 0; i < runs; i += 1) {
      const bare = await play(hosts, 'none')
      last = await play(hosts, 'view')
      shares.push((100 * (last.ms - bare.ms)) / last.took)
    }
    const said = (value) => value.toFixed(1)
    const rate = `${(last.events / seconds).toFixed(0)} events/s, ${(last.writes / seconds).toFixed(1)} frames/s, ${(last.bytes / 1024 / seconds).toFixed(0)} kB/s`
    process.stdout.write(
      `${`live view, ${hosts} hosts`.padEnd(44)} ${said(median(shares)).padStart(6)} %  (${said(Math.min(...shares))}–${said(Math.max(...shares))}) of a processor  ${rate}\n`,
    )
  }
}
