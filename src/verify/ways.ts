/** Up to so many nodes every Pod is asked by every other; the ways are their square. */
const mostForAll = 10
/** How many random others each Pod asks beyond that, beside the next in the ring. */
const chords = 2

export interface Ways<T> {
  ways: readonly { from: T; to: T }[]
  /** What was chosen, in words. */
  said: string
}

/**
 * Which of several ask which others: each of them each, up to ten; beyond that as many ways as three times their
 * number: a ring in random order, in which each asks one and is asked by one, and from each two random chords.
 * @param seed the same one makes the same choice among the same
 */
export function waysBetween<T>(all: readonly T[], seed: number): Ways<T> {
  const every = all.length * (all.length - 1)
  if (all.length <= mostForAll)
    return {
      ways: all.flatMap((from) => all.filter((to) => to !== from).map((to) => ({ from, to }))),
      said: `${every} ways`,
    }
  const random = generator(seed)
  const ring = shuffled(all, random)
  const ways = ring.flatMap((from, i) => {
    // steps along the ring: never to itself, never twice to the same
    const steps = new Set([1])
    while (steps.size < 1 + chords) steps.add(1 + Math.floor(random() * (ring.length - 1)))
    return [...steps].flatMap((step) => {
      const to = ring[(i + step) % ring.length]
      return to === undefined ? [] : [{ from, to }]
    })
  })
  return {
    ways,
    said: `${ways.length} of ${every} ways: a ring, and ${chords} random ways from each of ${all.length} Pods (--seed ${seedText(seed)} repeats the choice)`,
  }
}

/** Eight hexadecimal digits. */
export const seedText = (seed: number): string => (seed >>> 0).toString(16).padStart(8, '0')

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). They choose, and protect nothing. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
