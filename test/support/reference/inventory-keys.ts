import { inventoryFacts, type KeyFacts } from './inventory-facts.js'

/** Where the settings of a host may also stand, and those of SSH or of a kubelet: described once, at the last place. */
const otherPlaces = [
  [/^(?:groups\.NAME|defaults)\./, 'hosts.NAME.'],
  [/^(?:controllerManager|scheduler)\.(?=extraVolumes\.NAME)/, 'apiServer.'],
  [/^hosts\.NAME\.(?=(?:ssh|kubelet)(?:\.|$))/, ''],
] as const

/**
 * Since when a key of the inventory is there, and an example of it.
 * @throws Error that says where to add a key that has no entry
 */
export function factsOf(path: string): KeyFacts {
  const facts = inventoryFacts[entryOf(path)]
  if (!facts)
    throw new Error(
      `${path} has no entry: add one to test/support/reference/inventory-facts.ts, with the next version as since and an example, then run npm run reference`,
    )
  return facts
}

/** The key under whose name a key is described. */
export function entryOf(path: string): string {
  let at = path
  for (const [place, instead] of otherPlaces) {
    if (at in inventoryFacts) return at
    at = at.replace(place, instead)
  }
  return at
}
