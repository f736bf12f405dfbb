import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { UserError } from '../../lib/errors.js'
import { scrubbed, scrubbedValue } from '../../lib/scrubbed.js'
import { visibleJson } from '../../lib/visible.js'
import { inventoryText } from './inventory-text.js'

/** A file of the archive. What it holds is scrubbed when it is written, whoever made it. */
export type Entry =
  | { name: string; text: string }
  | { name: string; inventory: string }
  | { name: string; json: unknown }
  /** One JSON object a line; a line that is none is text. */
  | { name: string; lines: string }

/**
 * Writes entries as a .tar.gz that only its owner reads, each below `directory`. The one way into the archive: nothing is
 * written that lib/scrubbed.ts has not seen. Throws UserError('usage') where the file exists or cannot be made.
 */
export async function writeArchive(
  path: string,
  directory: string,
  entries: readonly Entry[],
): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const exists = error.code === 'EEXIST'
    throw new UserError('usage', exists ? `${path} exists already` : `cannot write ${path}`, {
      why: exists ? '' : error.message,
      next: 'name another file with -o',
    })
  })
  try {
    const tar = pack()
    const written = pipeline(tar, createGzip(), file.createWriteStream())
    for (const entry of entries)
      tar.entry({ name: `${directory}/${safeName(entry.name)}`, mode: 0o600 }, contentOf(entry))
    tar.finalize()
    await written
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/** Names come from hosts and containers, too: no way out of the directory. */
const safeName = (name: string): string =>
  scrubbed(name)
    .replace(/[^\w./-]/g, '_')
    .split('/')
    .filter((part) => part !== '' && !/^\.+$/.test(part))
    .join('/')

function contentOf(entry: Entry): string {
  if ('json' in entry) return `${jsonOf(entry.json, 2)}\n`
  if ('inventory' in entry) return scrubbedInventory(entry.inventory)
  if ('lines' in entry) return entry.lines.split('\n').map(lineOf).join('\n')
  return scrubbed(entry.text)
}

const jsonOf = (value: unknown, space?: number): string =>
  visibleJson(JSON.stringify(scrubbedValue(value), undefined, space) ?? 'null')

function lineOf(line: string): string {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' ? jsonOf(value) : scrubbed(line)
  } catch {
    return scrubbed(line)
  }
}

/** Line by line: a reference that was kept must not be masked again. */
function scrubbedInventory(text: string): string {
  return inventoryText(text)
    .split('\n')
    .map((line) =>
      /:\s*["']?(?:env|file|command|prompt)\b/.test(line) ? withoutForms(line) : scrubbed(line),
    )
    .join('\n')
}

/** What is left to look for on a line with a reference: known secrets and those of a form, under a key that says nothing. */
const withoutForms = (line: string): string =>
  scrubbed(line.replaceAll(':', '\u2236')).replaceAll('\u2236', ':')
