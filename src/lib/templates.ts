import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'

const directory = join(packageRoot, 'templates/')

/**
 * A file of `templates/` with every `{{name}}` replaced. Throws (a bug) when a name has no value
 * or a value has no place.
 */
export function template(path: string, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values))
  const text = readFileSync(join(directory, path), 'utf8').replace(
    /\{\{([a-zA-Z]+)\}\}/g,
    (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(`templates/${path}: no value for ${name}`)
      unused.delete(name)
      return value
    },
  )
  if (unused.size > 0) throw new Error(`templates/${path} has no place for ${[...unused].join(', ')}`)
  return text
}
