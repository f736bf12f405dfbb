import { readFileSync } from 'node:fs'

/** Milliseconds `work` takes. */
export async function time(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Milliseconds of `runs` runs of `work`, one after the other. */
export async function measure(runs, work) {
  const times = []
  for (let i = 0; i < runs; i += 1) times.push(await time(work))
  return times
}

/** The middle one; of an even number the lower. */
export function median(times) {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/**
 * Prints a line: median, least and most, and how that compares.
 * @param base times the ratio is to; none is printed without
 */
export function show(name, times, base) {
  const ms = (value) => value.toFixed(0)
  const ratio = base === undefined ? '' : `  ${(median(times) / median(base)).toFixed(2)}x`
  const spread = `(${ms(Math.min(...times))}–${ms(Math.max(...times))})`
  process.stdout.write(`${name.padEnd(44)} ${ms(median(times)).padStart(6)} ms ${spread}${ratio}\n`)
}

/** Processor seconds this box has spent so far, of everything that runs on it (/proc/stat, in hundredths). */
export function cpuSeconds() {
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]
    .split(/ +/)
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}

/** Prints a line of processor seconds. */
export function showCpu(name, seconds) {
  const said = (value) => value.toFixed(1)
  const spread = `(${said(Math.min(...seconds))}–${said(Math.max(...seconds))})`
  process.stdout.write(
    `${`${name}, processor`.padEnd(44)} ${said(median(seconds)).padStart(6)} s  ${spread}\n`,
  )
}
