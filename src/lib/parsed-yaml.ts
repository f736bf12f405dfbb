import { remembering } from './remembering.js'
import { readYaml } from './yaml-source.js'

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A mapping from a host's file; {} for one that is not there or no YAML mapping: it tells nothing. */
export function parsedYaml(text: string | undefined): Readonly<Record<string, unknown>> {
  return text === undefined ? {} : parsed(text)
}

/** Hundreds of hosts have the same files. */
const parsed = remembering((text): Record<string, unknown> => {
  try {
    const { value } = readYaml(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
})
