import { afterEach, expect, test, vi } from 'vitest'
import { run } from '../../../src/cli/run.js'
import { blocksOf } from '../../support/docs/blocks.js'
import { commandLines } from '../../support/docs/command-lines.js'
import { pages } from '../../support/docs/pages.js'

afterEach(() => {
  vi.restoreAllMocks()
})

test('the inventory in the tutorial is the one that its kubestrap new writes', async () => {
  const page = pages().find(({ path }) => path === 'docs/tutorial.md')
  if (!page) throw new Error('there is no tutorial')
  const [command] = commandLines(page, 'kubestrap').filter(({ words, named }) => words[1] === 'new' && !named)
  const [shown] = blocksOf(page).blocks.filter(({ language }) => language === 'yaml')
  const out: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  await run([...(command?.words.slice(1) ?? []), '--no-look', '-f', '-'], '0')
  const written = out
    .join('')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  expect(written.join('\n').trim()).toBe(shown?.lines.join('\n').trim())
})
