import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../lib/errors.js'
import { digestIn } from './digest-text.js'
import type { Doubted } from './doubt.js'
import { type FetchOptions, fetchText, type Wanted } from './fetch-text.js'
import type { Asset } from './urls.js'

/**
 * Digests of published files, each fetched once: a release never changes, so one that was fetched is kept below
 * `directory`, by its URL.
 */
export class Digests {
  readonly #had = new Map<string, Promise<string | undefined>>()
  readonly #doubted = new Map<string, Promise<Doubted>>()

  constructor(
    readonly directory: string,
    readonly options: FetchOptions,
  ) {}

  /**
   * The digest of a file, lower-case hex; undefined when it was not kept and nobody is asked. Throws UserError: as fetchText, and 'preflight' for an answer without it.
   * @param missing what to say where the server has no such file
   */
  of(asset: Asset, missing: Wanted['missing']): Promise<string | undefined> {
    const key = `${asset.digest.url} ${asset.file}`
    const known = this.#had.get(key) ?? this.#have(asset, missing)
    this.#had.set(key, known)
    return known
  }

  /**
   * What becomes of a digest when a file came whole that has another: it is asked for once more, however many hosts had such
   * a file. What is kept stays whatever the answer is: a server that replaces a file can replace its digest too, so that only
   * the operator gives up a digest that was believed once.
   */
  again(asset: Asset): Promise<Doubted> {
    const key = `${asset.digest.url} ${asset.file}`
    const doubted = this.#doubted.get(key) ?? this.#again(asset)
    this.#doubted.set(key, doubted)
    return doubted
  }

  async #again(asset: Asset): Promise<Doubted> {
    const file = this.#path(`${asset.digest.url} ${asset.file}`)
    if (this.options.keptOnly) return { file, now: 'unknown' }
    try {
      const kept = await this.of(asset, notReleased)
      const published = await this.#fetch(asset, notReleased)
      if (kept === undefined) return { file, now: 'unknown' }
      return kept === published ? { file, now: 'same' } : { file, now: 'other', kept, published }
    } catch {
      return { file, now: 'unknown' }
    }
  }

  readonly #path = (key: string): string =>
    join(this.directory, createHash('sha256').update(key).digest('hex'))

  async #have(asset: Asset, missing: Wanted['missing']): Promise<string | undefined> {
    const key = `${asset.digest.url} ${asset.file}`
    const path = this.#path(key)
    const kept = parseKept(await readFile(path, 'utf8').catch(() => ''), key)
    if (kept !== undefined || this.options.keptOnly) return kept
    const digest = await this.#fetch(asset, missing)
    await this.#keep(path, `${digest} ${key}\n`)
    return digest
  }

  async #fetch(asset: Asset, missing: Wanted['missing']): Promise<string> {
    const { what, site, digest: published } = asset
    const next = `check that this computer reaches it, name a mirror (sources.mirrors.${site}), or use a bundle (binaries.bundle)`
    const wanted = { ...published, what: `the digest of ${what}`, missing, next }
    const text = await fetchText(wanted, this.options)
    const digest = digestIn(text, asset.file)
    if (digest === undefined)
      throw new UserError('preflight', `the digest of ${what} cannot be trusted`, {
        why: `${published.url} does not have a SHA-256 of ${asset.file}: ${JSON.stringify(text.slice(0, 80))}`,
        next: `find out who answers there: a proxy or a mirror may answer in place of the file; nothing was changed`,
      })
    return digest
  }

  async #keep(path: string, text: string): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 })
      await writeFile(`${path}.${process.pid}`, text, { mode: 0o600 })
      await rename(`${path}.${process.pid}`, path)
    } catch {
      // a cache that cannot be written (a read-only home) costs a request on the next run, no more
    }
  }
}

/** Nobody is told of it. */
const notReleased: Wanted['missing'] = { kind: 'connection', why: '', next: '' }

/** The digest in a file of the cache; undefined when it is cut, or of something else. */
function parseKept(text: string, key: string): string | undefined {
  const [, digest, of] = /^([0-9a-f]{64}) (.*)\n$/.exec(text) ?? []
  return of === key ? digest : undefined
}
