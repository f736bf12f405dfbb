import { describe, expect, it } from 'vitest'
import { type Page, pages } from '../../support/docs/pages.js'
import { proseOf } from '../../support/docs/prose.js'

/** What docs/glossary.md replaces, as it once stood in pages. Only phrases that are never right are here. */
const banned: readonly [phrase: RegExp, write: string][] = [
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\banew\b/i, 'again, restart'],
  [/\bnobody\b/i, 'the noun, or no …'],
  [/\bwithout us\b|\bof ours\b|\bour (configuration|own)\b/i, 'kubestrap'],
  [/\bfor ever\b/i, 'in every later version'],
  [/\b(to be|is|be) had\b/i, 'not found, is not set'],
  [/\b(of before|of now)\b/i, 'earlier, current'],
  [/\btak(e|es|en|ing) (it|them) (away|off|out|back)\b/i, 'remove'],
  [/\b(says?|say it) (so|too)\b/i, 'the noun, and what it says'],
  [/\btells of\b/i, 'reports'],
  [/\bhosts of their own\b|\bof yours\b/i, 'separate hosts, your own …'],
  [/\bends (at its start|only)\b|\bended because\b/i, 'exits, exits after each start'],
  [/\bhonou?red\b/i, 'respected'],
  [/\bcontrol groups?\b/i, 'cgroup'],
  [/\b(the|a) wished\b|\bis wished\b/i, 'the version of the inventory, wanted'],
  [/\bwhomever\b/i, 'the noun'],
  [/\bgo together\b|\bdo not agree\b/i, 'conflict, differ'],
  [/\bvote-holder|\bminions?\b/i, 'voting member, worker node'],
]

/** A sentence whose subject is a pronoun: each is read alone, by search and on a phone. */
const pronoun = /(?:^|[.!?]["”)*]* )(?:It|They) /gm

/** What a page has that the glossary does not: "docs/x.md: mended; write fix". */
function faults(page: Page): string[] {
  const { path } = page
  const prose = proseOf(page)
  const words = banned.flatMap(([phrase, write]) => {
    const found = phrase.exec(prose)
    return found ? [`${path}: "${around(prose, found.index)}"; write ${write}`] : []
  })
  const subjects = [...prose.matchAll(pronoun)].map(
    ({ index }) => `${path}: "${around(prose, index)}": name the noun`,
  )
  return [...words, ...subjects]
}

const around = (text: string, at: number): string =>
  text
    .slice(Math.max(0, at - 20), at + 50)
    .replace(/\s+/g, ' ')
    .trim()

// the glossary itself has the words that it replaces
const read = pages().filter(({ path }) => path !== 'docs/glossary.md')

describe('the words of the pages', () => {
  it('are those of the glossary', () => {
    expect(read.length).toBeGreaterThan(80)
    expect(read.flatMap(faults)).toEqual([])
  })

  it.each([
    ['a banned word', 'The file is mended.'],
    ['a word in a table', '| a | waits for nobody |'],
    ['a pronoun that begins a page', '# Title\n\nIt is a file.'],
    ['a pronoun that begins a sentence', 'kubestrap has a file. They are read.'],
    ['a pronoun that begins an item', '- It is read.'],
  ])('%s is found', (_, text) => {
    expect(faults({ path: 'x.md', text })).toHaveLength(1)
  })

  it.each([
    ['in a block', '```sh\n# mend it\n```'],
    ['in words of a program', 'The log has `mended anew`.'],
    ['in a comment', '<!-- mended -->'],
    ['of a clause', 'etcd writes a change before it answers.'],
  ])('what is %s is not', (_, text) => {
    expect(faults({ path: 'x.md', text })).toEqual([])
  })
})
