// Plays the events of a birth as fast as they came, into the live view of a terminal that forgets what it is told, or
// into nothing; prints a line of JSON: processor milliseconds, bytes and writes. A process of its own, so that its
// processor time is nothing else's. node test/bench/play-view.js HOSTS SECONDS view|none
import { EventEmitter } from 'node:events'
import { unicodeMarks } from '../../dist/ui/live/marks.js'
import { treeReporter } from '../../dist/ui/tree.js'
import { eventsOf } from './view-events.js'

const [, , hosts, seconds, what] = process.argv

class Terminal extends EventEmitter {
  isTTY = true
  rows = 60
  columns = 200
  bytes = 0
  writes = 0

  write = (text) => {
    this.bytes += Buffer.byteLength(text)
    this.writes += 1
    return true
  }
}

const terminal = new Terminal()
const paint = (style, text) => (style === 'plain' ? text : `\u001b[32m${text}\u001b[39m`)
const view =
  what === 'view'
    ? treeReporter({ stdout: terminal, stderr: terminal, paint, marks: unicodeMarks })
    : { on: () => {}, close: async () => {} }
const events = eventsOf(Number(hosts), Number(seconds) * 1000)

globalThis.gc?.()
const zero = performance.now()
const used = process.cpuUsage()
let next = 0
await new Promise((resolve) => {
  const timer = setInterval(() => {
    const now = performance.now() - zero
    for (; next < events.length && events[next].at <= now; next += 1) view.on(events[next])
    if (next < events.length) return
    clearInterval(timer)
    resolve()
  }, 10)
})
await view.close()
const { user, system } = process.cpuUsage(used)
const { bytes, writes } = terminal
process.stdout.write(
  `${JSON.stringify({ ms: (user + system) / 1000, took: performance.now() - zero, events: events.length, bytes, writes })}\n`,
)
