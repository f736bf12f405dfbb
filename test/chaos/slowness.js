import { join } from 'node:path'
import { root } from '../bench/program.js'
import { must } from './program.js'

/** What happens to a frame each time it crosses the link of a machine: an answer from a machine crosses its link twice. */
export const crossing = { seconds: 0.05, loss: 0.01 }

/** Echo requests, one each some seconds. */
const [requests, each] = [1_000, 0.005]

/**
 * What is wrong with a network that is to be slow; '' when it is as slow and as lossy as it should be. A busy computer may
 * add as much again to the delay; of the loss, chance may hide three quarters, or triple it: less than once in ten thousand.
 * @param {{ sent: number, received: number, medianMs: number | null }} seen
 * @param {number} crossings how many links of machines a request and its answer cross
 */
export function slownessProblem({ sent, received, medianMs }, crossings) {
  const delayMs = crossings * crossing.seconds * 1_000
  if (medianMs === null) return 'no echo request is answered'
  if (medianMs < delayMs || medianMs > 2 * delayMs)
    return `an answer takes ${medianMs.toFixed(1)} ms, not ${delayMs} to ${2 * delayMs}`
  const lost = sent - received
  const expected = sent * (1 - (1 - crossing.loss) ** crossings)
  if (lost < expected / 4 || lost > expected * 3)
    return `${lost} of ${sent} requests are lost, not about ${expected.toFixed(0)}`
  return ''
}

/**
 * Measures, from here to a machine and from one machine to another, and throws when the network is not slow.
 * @returns {Promise<string>} what was measured
 */
export async function mustBeSlow(lab) {
  const [one, other] = lab.machines
  const ways = [
    { name: `here to ${one.name}`, to: one, crossings: 2, enter: [] },
    {
      name: `${one.name} to ${other.name}`,
      to: other,
      crossings: 4,
      enter: ['nsenter', '-t', String(lab.leader(one)), '-n'],
    },
  ]
  const told = []
  for (const { name, to, crossings, enter } of ways) {
    const [program, ...args] = [...enter, 'python3', join(root, 'test/chaos/ping.py')]
    const seen = JSON.parse(await must(program, [...args, to.address, String(requests), String(each)]))
    const problem = slownessProblem(seen, crossings)
    if (problem !== '') throw new Error(`the network is not as slow as it should be, ${name}: ${problem}`)
    told.push(`${name} ${seen.medianMs.toFixed(0)} ms, ${seen.sent - seen.received} of ${seen.sent} lost`)
  }
  return told.join('; ')
}
