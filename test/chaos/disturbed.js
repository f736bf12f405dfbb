import { sleep, start } from './program.js'

/** What a disturbed run may take; one that goes on longer is a fault of its own. */
const withinMs = 900_000

/**
 * Runs `up` and does something to it at a moment.
 * @param file inventory
 * @param moment.at part of the steps of the run after whose start it is done, 0 for at once; moment.ms milliseconds later
 * @param fault what is done; called with the run, at most once. What it began has ended when this returns.
 * @returns {Promise<{ code?: number, signal?: string, faulted: boolean, words: string, events: string, ms: number, where: string, ended: boolean }>}
 */
export async function disturbed(file, moment, fault) {
  const began = performance.now()
  const child = start(
    process.execPath,
    ['bin/kubestrap.js', 'up', '--yes', '--no-verify', '-i', file, '--output', 'json'],
    ['ignore', 'pipe', 'pipe'],
  )
  const underWay = new Set()
  let [said, events, rest, begun, expected, where] = ['', '', '', 0, Number.POSITIVE_INFINITY, '']
  let fallen
  const fall = () => {
    if (fallen) return
    fallen = sleep(moment.ms).then(() => {
      if (child.exitCode !== null || child.signalCode !== null) return false
      where = `${begun} of ${expected} steps begun, under way: ${[...underWay].slice(0, 6).join(' ') || 'none'}`
      return Promise.resolve(fault(child)).then(() => true)
    })
    fallen.catch(() => {})
  }
  child.stdout.on('data', (chunk) => {
    events += chunk
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { type, step, changes, unknown } = JSON.parse(line)
      if (type === 'planned') expected = Math.min(expected, changes + unknown)
      if (type === 'step-finished') underWay.delete(step.key)
      if (type !== 'step-started') continue
      underWay.add(step.key)
      begun += 1
      if (begun > moment.at * expected) fall()
    }
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  if (moment.at === 0) fall()
  const deadline = setTimeout(() => child.kill('SIGKILL'), withinMs)
  const [code, signal] = await new Promise((resolve) => child.once('close', (...how) => resolve(how)))
  clearTimeout(deadline)
  const ms = performance.now() - began
  const faulted = (await fallen) ?? false
  return { code, signal, faulted, words: said, events, ms, where, ended: ms < withinMs }
}
