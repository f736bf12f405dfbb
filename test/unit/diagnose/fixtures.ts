import { readdirSync, readFileSync } from 'node:fs'

export interface Fixture {
  /** Before the first dot: the cause it shows, or "healthy…". */
  cause: string
  file: string
  text: string
}

const directory = new URL('fixtures/', import.meta.url)

/** Every captured text; README.md beside them names the origins. */
export const fixtures: readonly Fixture[] = readdirSync(directory)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => ({
    cause: file.split('.')[0] ?? '',
    file,
    text: readFileSync(new URL(file, directory), 'utf8'),
  }))
