import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Import {
  /** "src/ui/plain.ts" */
  file: string
  /** Folder of src/ the file is in; a file of src/ itself is its own: "catalog". */
  from: string
  /** Folder of src/, or a package's name as written: "ssh2", "node:fs". */
  to: string
  inside: boolean
  /** "src/ui/screen.ts"; of a package its name. */
  path: string
  /** Gone when compiled: `import type`. */
  types: boolean
  /** `import('…')` */
  dynamic: boolean
}

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Every source file under src/, by its path from the root of the repository. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`src/${name}`, readFileSync(join(root, 'src', name), 'utf8')]),
)

const statement = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

/** What a source file imports. Type imports within a value import count as value imports. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(([, type, fixed, dynamic]): Import => {
    const name = fixed ?? dynamic ?? ''
    const inside = name.startsWith('.')
    return {
      file,
      from: folderOf(file),
      to: inside ? folderOf(join(dirname(file), name)) : name,
      inside,
      path: inside ? join(dirname(file), name).replace(/\.js$/, '.ts') : name,
      types: type !== undefined,
      dynamic: dynamic !== undefined,
    }
  })
}

function folderOf(file: string): string {
  return (relative('src', file).split('/')[0] ?? '').replace(/\.[jt]s$/, '')
}

/** The string literals of a text, without their quotes; comments are skipped. */
export function literalsOf(text: string): string[] {
  const token = /\/\*[\s\S]*?\*\/|\/\/.*|'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`/g
  return [...text.matchAll(token)].flatMap(
    ([, single, double, template]) => single ?? double ?? template ?? [],
  )
}
