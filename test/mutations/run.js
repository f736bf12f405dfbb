/**
 * Applies each mutation of list.js to a copy of the tree and expects the tests to notice: `npm run mutations`, by hand,
 * or `npm run mutations -- WORDS…` for those whose sentence or file has one of them. Runs the unit and golden projects of
 * `npm run check`, by the tests that a mutation names. Prints a table; exit 1 when one survives or its text is gone.
 */
import { execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutations } from './list.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const words = process.argv.slice(2)
const chosen = mutations.filter(
  ({ what, file }) => words.length === 0 || words.some((word) => `${what} ${file}`.includes(word)),
)

/** A copy of what git knows of the tree, changes included, with the same packages. */
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), 'kubestrap-mutations-'))
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const name of listed.split('\n').filter(Boolean)) {
    mkdirSync(join(copy, dirname(name)), { recursive: true })
    copyFileSync(join(root, name), join(copy, name))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** Runs tests in a copy. @returns undefined when all pass; else the first that fails, or the last words */
function failureOf(copy, tests) {
  return new Promise((resolve) => {
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'unit',
      '--project',
      'golden',
      '--bail',
      '1',
      '--reporter',
      'dot',
    ]
    const child = spawn(process.execPath, [...args, ...tests], {
      cwd: copy,
      env: { ...process.env, NO_COLOR: '1' },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
    child.on('close', (code) => {
      if (code === 0) return resolve(undefined)
      const [, name] = /^ FAIL\s+(.+)$/m.exec(said) ?? []
      resolve(name ?? `no test failed, but: ${said.trim().split('\n').at(-1)}`)
    })
  })
}

async function tryOne(copy, { file, find, replace, tests }) {
  const path = join(copy, file)
  const before = readFileSync(path, 'utf8')
  const places = before.split(find).length - 1
  if (places !== 1) return { verdict: 'STALE', by: `its text is there ${places} times` }
  writeFileSync(
    path,
    before.replace(find, () => replace),
  )
  try {
    const by = await failureOf(copy, tests)
    if (by === undefined) return { verdict: 'SURVIVED', by: '' }
    return by.startsWith('no test failed') ? { verdict: 'UNCLEAR', by } : { verdict: 'killed', by }
  } finally {
    writeFileSync(path, before)
  }
}

const copies = Array.from({ length: Math.min(2, availableParallelism(), chosen.length) }, copyTree)
const remove = () => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true })
}
process.on('SIGINT', () => {
  remove()
  process.exit(130)
})
let bad = 0
try {
  // a mutation is noticed only by tests that pass without it
  const all = [...new Set(chosen.flatMap(({ tests }) => tests))]
  const broken = await failureOf(copies[0], all)
  if (broken !== undefined) throw new Error(`without any mutation: ${broken}`)
  const rows = []
  const queue = [...chosen.entries()]
  await Promise.all(
    copies.map(async (copy) => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [i, mutation] = next
        rows[i] = { ...mutation, ...(await tryOne(copy, mutation)) }
        process.stderr.write(`${rows[i].verdict}: ${mutation.what}\n`)
      }
    }),
  )
  for (const { verdict, file, what, by } of rows) {
    if (verdict !== 'killed') bad += 1
    process.stdout.write(`${verdict.padEnd(8)}  ${file.padEnd(44)}  ${what}${by ? `  [${by}]` : ''}\n`)
  }
  process.stdout.write(`${rows.length} mutations, ${rows.length - bad} killed\n`)
} finally {
  remove()
}
process.exitCode = bad > 0 ? 1 : 0
