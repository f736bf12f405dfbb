import { isMapping } from './is-mapping.js'
import { remembering } from './remembering.js'
import { readYaml } from './yaml-source.js'

/** A mapping from a host's file; {} for one that is not there or no YAML mapping: it tells nothing. */
export function parsedYaml(text: string | undefined): Readonly<Record<string, unknown>> {
  return text === undefined ? {} : parsed(text)
}

/** Hundreds of hosts have the same files. */
const parsed = remembering((text): Record<string, unknown> => {
  try {
    const { value } = readYaml(text)
    return isMapping(value) ? value : {}
  } catch {
    return {}
  }
})
