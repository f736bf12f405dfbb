import type { Facts } from '../host/facts/facts.js'
import type { OperatingSystem, System } from './os.js'

/** What an inventory may call an unknown system like, and the system whose names and commands it then gets. */
export const likes = { debian: 'debian', ubuntu: 'ubuntu', rhel: 'rhel', suse: 'opensuse-leap' } as const
export type Like = keyof typeof likes

/** The system a machine runs, or why it cannot be used. */
export type Selected =
  | {
      os: OperatingSystem
      /** What its user should know of the choice; '' for a known version of a known system. */
      note: string
    }
  | { problem: string; next: string }

/**
 * Selects by ID and VERSION_ID. A derived system (ID_LIKE) has repositories, versions and services of its own, so it
 * is taken for its parent only when the inventory says so.
 * @param like `os.like` of the inventory
 */
export function selectSystem(systems: readonly System[], facts: Facts, like: Like | undefined): Selected {
  const { id, version, name } = facts.os
  const known = systems.find((one) => one.id === id)
  if (known) {
    if (
      like !== undefined &&
      systems.find((one) => one.id === likes[like])?.of(facts).id !== known.of(facts).id
    )
      return {
        problem: `os.like is ${like}, and the host runs ${name}`,
        next: 'remove os.like: this system is known by itself',
      }
    if (known.since && Number.parseInt(version, 10) < known.since.version)
      return { problem: `${name} is not supported`, next: `${known.since.why}; upgrade the host` }
    return {
      os: known.of(facts),
      note: isTested(known, version) ? '' : `${name} is a version that was not tested`,
    }
  }
  const parent = like && systems.find((one) => one.id === likes[like])
  if (parent) return { os: parent.of(facts), note: `${name} is treated like ${like} (os.like)` }
  const near = nearestLike(facts)
  return {
    problem: `${name} is not supported`,
    next: near
      ? `it says that it is like ${facts.os.like.join(' ')}: to treat it so, set os: { like: ${near} } for the host`
      : `supported: ${[...new Set(systems.map((one) => one.id))].join(', ')}; to treat it like one of them, set os: { like: ${Object.keys(likes).join(' | ')} } for the host`,
  }
}

const isTested = ({ known }: System, version: string): boolean =>
  known.some((one) => one === '*' || version === one || version.startsWith(`${one}.`))

const parents: Readonly<Record<string, Like>> = {
  debian: 'debian',
  ubuntu: 'ubuntu',
  rhel: 'rhel',
  centos: 'rhel',
  suse: 'suse',
  opensuse: 'suse',
}

/** What ID_LIKE comes to: it names the closest system first (os-release(5)). */
function nearestLike({ os }: Facts): Like | undefined {
  const word = os.like.find((one) => Object.hasOwn(parents, one))
  return word === undefined ? undefined : parents[word]
}
