import type { Grammar } from '../lib/grammar/grammar.js'
import { repositoryName, repositoryUrl, repositoryWord } from '../lib/grammar/repository.js'
import type { Path } from '../lib/yaml-source.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** Names and values of package repositories: each comes to stand in a line of a package manager's file. */
export function osProblems(inventory: Inventory): Found[] {
  return settingsOf(inventory).flatMap(({ path: above, settings }) =>
    Object.entries(settings.os?.repositories ?? {}).flatMap(([name, { url, suite, components = [] }]) => {
      const path = [...above, 'os', 'repositories', name]
      return [
        ...wrong(path, name, repositoryName, true),
        ...wrong([...path, 'url'], url, repositoryUrl),
        ...(suite === undefined ? [] : wrong([...path, 'suite'], suite, repositoryWord)),
        ...components.flatMap((one, i) => wrong([...path, 'components', i], one, repositoryWord)),
      ]
    }),
  )
}

function wrong(path: Path, text: string, { is, accepts, write }: Grammar, key = false): Found[] {
  if (accepts(text)) return []
  const advice = typeof write === 'string' ? write : write(text)
  return [{ path, ...(key ? { key } : {}), what: `${JSON.stringify(text)} is not ${is}`, write: advice }]
}
