import { UserError } from '../lib/errors.js'
import { isMapping } from '../lib/is-mapping.js'
import { yamlDocuments } from '../lib/yaml-documents.js'
import { readYaml } from '../lib/yaml-source.js'
import { NotWholeLines, yamlWithout } from '../lib/yaml-without.js'
import type { ClusterSpec } from './spec.js'

/** Where an inventory names its hosts. */
const places: readonly (readonly string[])[] = [['hosts'], ['lab', 'suites']]

/**
 * The text of an inventory without some hosts; all other lines stay byte for byte. Pure.
 * @param label how the file is named in messages
 * Throws UserError('inventory') with the lines to delete where a host cannot be cut out by whole lines.
 */
export function withoutHosts(text: string, names: readonly string[], label: string): string {
  return names.reduce(
    (left, name) => places.reduce((rest, place) => withoutKey(rest, place, name, { text, label }), left),
    text,
  )
}

/** @param whole the text as it is in the file, for the lines that messages name */
function withoutKey(
  text: string,
  place: readonly string[],
  name: string,
  whole: { text: string; label: string },
): string {
  const { label } = whole
  // keys are compared in lower case, as names of hosts are
  const keys = new Set(
    yamlDocuments(text)
      .flatMap((document) => keysAt(readYaml(document).value, place))
      .filter((key) => key.toLowerCase() === name),
  )
  return [...keys].reduce((left, key) => {
    try {
      return yamlWithout(left, [...place, key]) ?? left
    } catch (error) {
      if (!(error instanceof NotWholeLines)) throw error
      throw new UserError(
        'inventory',
        `${label}: ${[...place, key].join('.')} cannot be removed automatically`,
        {
          why: error.message,
          next: `delete it by hand (${label}:${lineOf(whole.text, [...place, key])}), and run without --edit-inventory`,
          cause: error,
        },
      )
    }
  }, text)
}

function keysAt(value: unknown, [part, ...rest]: readonly string[]): string[] {
  const own = isMapping(value) ? value : {}
  if (part === undefined) return Object.keys(own)
  return Object.hasOwn(own, part) ? keysAt(own[part], rest) : []
}

function lineOf(text: string, path: readonly string[]): number {
  const found = yamlDocuments(text)
    .map(readYaml)
    .find((source) => source.depthOf(path) === path.length)
  return found?.keyPlaceOf(path).line ?? 1
}

/**
 * Holds what an edit gave to what it should give: the same inventory, less these hosts.
 * Throws UserError('inventory') for hosts that are still there, which another file of the inventory has too.
 */
export function mustLack(after: ClusterSpec, names: readonly string[], label: string): void {
  const left = after.hosts.filter(({ name }) => names.includes(name))
  if (left.length === 0) return
  throw new UserError(
    'inventory',
    `${left.map(({ name }) => name).join(', ')} cannot be removed from ${label}`,
    {
      why: left.map(({ name, at }) => `${name} is at ${at}`).join('\n'),
      next: 'an included file may be part of other inventories too: delete these lines by hand, and run without --edit-inventory',
    },
  )
}
