import { CORE_SCHEMA, load, type State } from 'js-yaml'

/**
 * Reads one YAML document of a stranger: at most `limit` characters, without anchors and aliases (a few hundred bytes
 * of them are gigabytes when they are written out), strings, numbers, booleans and null only.
 * Throws Error with plain words; never quotes the text, whose lines may be keys.
 */
export function plainYaml(text: string, what: string, limit: number): unknown {
  if (text.length > limit) throw new Error(`${what} is larger than ${limit / 1024} KiB`)
  let anchored = false
  const listener = (_event: unknown, { anchorMap }: State & { anchorMap?: object }): void => {
    if (Object.keys(anchorMap ?? {}).length === 0) return
    anchored = true
    throw new Error('anchor')
  }
  try {
    return load(text, { schema: CORE_SCHEMA, listener })
  } catch {
    throw new Error(
      anchored ? `${what} uses YAML anchors (&NAME), which are not read` : `${what} is not YAML`,
    )
  }
}
