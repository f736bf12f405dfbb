import { UserError } from '../lib/errors.js'
import { type FetchOptions, fetchText } from './fetch-text.js'
import { type Bases, newestOfMinor } from './urls.js'

/** What a site for downloads says of itself. */
export interface NewestPatches {
  /** The newest patch release by minor: "1.36" → "1.36.3"; of minors that the site has told. */
  patches: ReadonlyMap<string, string>
  /** Which URL told nothing of its minor, and why: of the first; undefined where all was told. */
  silent: string | undefined
}

/**
 * Asks which patch release of each minor is the newest that can be downloaded. All are asked at once, and a site that does
 * not answer is no error: what kubestrap knows by itself stands then.
 * @param minors "1.36"
 */
export async function newestPatches(
  bases: Bases,
  minors: readonly string[],
  options: FetchOptions,
): Promise<NewestPatches> {
  const told = await Promise.all(minors.map((minor) => ask(bases, minor, options)))
  return {
    patches: new Map(told.flatMap((one) => ('patch' in one ? [[one.minor, one.patch] as const] : []))),
    silent: told.flatMap((one) => ('why' in one ? [one.why] : []))[0],
  }
}

async function ask(
  bases: Bases,
  minor: string,
  options: FetchOptions,
): Promise<{ minor: string; patch: string } | { why: string }> {
  const { url, maxBytes } = newestOfMinor(bases, minor)
  const missing = { kind: 'preflight', why: '', next: '' } as const
  try {
    const what = `the newest patch release of ${minor}`
    const text = (await fetchText({ url, what, maxBytes, missing, next: '' }, options)).trim()
    const [, patch] = new RegExp(`^v?(${minor.replace('.', '\\.')}\\.\\d{1,4})$`).exec(text) ?? []
    if (patch !== undefined) return { minor, patch }
    return { why: `${url} says ${JSON.stringify(text.slice(0, 40))}` }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const why = (error.why ?? error.message).trim()
    return { why: why.startsWith(url) ? why : `${url}: ${why}` }
  }
}
