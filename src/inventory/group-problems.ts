import { nearest } from '../lib/nearest.js'
import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** Groups that are not there, that belong to themselves, or that no host is in; hosts left without a role. */
export function groupProblems(inventory: Inventory): Found[] {
  const groups = inventory.groups ?? {}
  const names = Object.keys(groups)
  const members = [
    ...Object.entries(inventory.hosts).map(([name, host]) => ({
      path: ['hosts', name],
      of: host.groups ?? [],
    })),
    ...Object.entries(groups).map(([name, group]) => ({ path: ['groups', name], of: group.groups ?? [] })),
  ]
  const unknown = members.flatMap(({ path, of }) =>
    of.flatMap((group, i): Found[] => {
      if (Object.hasOwn(groups, group)) return []
      const close = nearest(group, names)
      return [
        {
          path: [...path, 'groups', i],
          what: `unknown group ${group}`,
          write: `${close ? `did you mean ${close}? ` : ''}${names.length > 0 ? `one of: ${names.join(', ')}` : 'define it under groups'}`,
        },
      ]
    }),
  )
  const circles = names
    .filter((name) => reaches(groups, name, name))
    .map(
      (name): Found => ({
        path: ['groups', name, 'groups'],
        what: `group ${name} contains itself`,
        write: 'remove the cycle between the groups',
      }),
    )
  const roleless = Object.keys(inventory.hosts)
    .filter((name) => mergeLayers(layersOf(inventory, name)).roles === undefined)
    .map(
      (name): Found => ({
        path: ['hosts', name],
        key: true,
        what: `${name} has no roles`,
        write: 'set roles: [worker] or [control-plane] for the host, in one of its groups, or in defaults',
      }),
    )
  return [...unknown, ...circles, ...roleless]
}

function reaches(groups: NonNullable<Inventory['groups']>, from: string, wanted: string): boolean {
  const seen = new Set<string>()
  const next = [...(groups[from]?.groups ?? [])]
  for (let group = next.pop(); group !== undefined; group = next.pop()) {
    if (group === wanted) return true
    if (seen.has(group)) continue
    seen.add(group)
    next.push(...(groups[group]?.groups ?? []))
  }
  return false
}
