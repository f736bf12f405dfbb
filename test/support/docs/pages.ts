import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A page of the documentation. */
export interface Page {
  /** Path from the root of the repository: "docs/plan.md". */
  path: string
  text: string
}

/** Every page that a user reads: the README, those in docs/, that of the examples, and CONTRIBUTING.md. */
export function pages(): Page[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules/'))
    .map((name) => `docs/${name}`)
    .sort()
  return ['README.md', 'CONTRIBUTING.md', 'inventories/README.md', ...inDocs].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
}
