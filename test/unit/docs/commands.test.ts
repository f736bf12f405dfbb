import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { Command } from '../../../src/cli/command.js'
import { commands } from '../../../src/cli/commands.js'
import { run } from '../../../src/cli/run.js'
import { commandLines } from '../../support/docs/command-lines.js'
import { pages, root } from '../../support/docs/pages.js'
import { shellCommands } from '../../support/docs/shell-words.js'

const everyCommand = (some: readonly Command[]): Command[] =>
  some.flatMap((command) => [command, ...everyCommand(command.children ?? [])])

/** Whether words are the name of a command, and no more: "lab up". */
function isName(words: readonly string[], among: readonly Command[] = commands): boolean {
  const [first, ...rest] = words
  const found = among.find(({ name }) => name.split(' ')[0] === first)
  return found !== undefined && (rest.length === 0 || isName(rest, found.children))
}

const all = pages()
const lines = all.flatMap((page) => commandLines(page, 'kubestrap'))
const started: string[] = []

/** The real parser, and commands that do nothing. */
beforeEach(() => {
  started.length = 0
  for (const command of everyCommand(commands))
    vi.spyOn(command, 'run').mockImplementation(async () => {
      started.push(command.name)
      return 0
    })
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('command lines in README and docs', () => {
  it('are found, in blocks and in sentences', () => {
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.map(({ words }) => words.join(' '))).toEqual(
      expect.arrayContaining(['kubestrap up', 'kubestrap plan -i inventory.yaml --out plan.json']),
    )
  })

  test.each(lines.map(({ at, words, named }) => [at, words.join(' '), words.slice(1), named] as const))(
    '%s: %s is understood',
    async (_at, _line, argv, named) => {
      if (named && isName(argv)) return
      await expect(run(argv, '0')).resolves.toBe(0)
      if (!argv.includes('--help') && !argv.includes('--version') && argv[0] !== 'completion')
        expect(started).toHaveLength(1)
    },
  )

  it('an unknown option would be noticed', async () => {
    await expect(run(['up', '--no-such-option'], '0')).rejects.toMatchObject({ kind: 'usage' })
    await expect(run(['no-such-command'], '0')).rejects.toMatchObject({ kind: 'usage' })
  })

  test.each(everyCommand(commands).map(({ name, example }) => [name, example] as const))(
    'the example in the help of %s is understood: %s',
    async (_name, example) => {
      const [[, ...argv] = []] = shellCommands(example)
      await expect(run(argv, '0')).resolves.toBe(0)
      expect(started).toHaveLength(1)
    },
  )
})

test('every npm script that a page names is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = all.flatMap((page) => commandLines(page, 'npm'))
  const unknown = named.filter(({ words: [, verb, script = ''] }) => verb === 'run' && !(script in scripts))
  expect(named.length).toBeGreaterThan(5)
  expect(unknown).toEqual([])
})
