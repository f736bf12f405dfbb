import { expect, it } from 'vitest'
import { literalsOf, sources } from './source.js'

/**
 * Phrases that docs/glossary.md replaces, as they stood in messages once. Only literals with a blank are
 * looked at: ids, paths and flags are no messages.
 */
const banned: readonly [phrase: RegExp, write: string][] = [
  [/\bmend(ed|s)?\b/i, 'fix'],
  [/\banew\b/, 'again, or a new …'],
  [/\b(be|is) had\b|\bhad from\b/, 'not found, is not set'],
  [/\bof before\b/, 'from an earlier inventory'],
  [/\bas (it|they) should( be)?\b/, 'up to date'],
  [/\bdo without (it|them)\b/, '… would cost the quorum'],
  [/\bdoes not do it\b/, 'did not … within …'],
  [/\bnobody\b/i, 'the noun, or no …'],
  [/\bstays done\b/, 'finished steps are kept'],
  [/\b(takes?|taken|taking) (it |them )?(away|off|out)\b/, 'remove'],
  [/\bput (it |them )?(there|back)\b/, 'install, restore, add again'],
  [/\b(gives?|get|gets|give|has) (it )?(its|a|no) vote\b/, 'promote, voting member'],
  [/\blets? (these )?(in|through)\b|\blet (these|them|us) (in|through)\b/, 'accept, allow'],
  [/\bthis side\b/, 'local'],
  [/\bsays so\b|\btell(s|ing)? of\b/, 'reports'],
  [/\bmeans nothing to\b/, 'has no effect with'],
  [/\bcontrol groups?\b/, 'cgroup'],
  [/\bfor want of\b/, 'without'],
]

/** A program of the shell, whose words are not shown: it has a line feed or a parameter. Comments of files (`#`) are marks that clusters carry. */
const isProgram = (literal: string): boolean =>
  /\n|\$[0-9@#?*({]?["\d@]|\bexit \d/.test(literal.replace(/\$\{[^}]*\}/g, ''))

it('messages use none of the phrases that the glossary replaces', () => {
  const found = [...sources].flatMap(([file, text]) =>
    literalsOf(text)
      .filter((literal) => literal.includes(' ') && !literal.startsWith('#') && !isProgram(literal))
      .flatMap((literal) =>
        banned
          .filter(([phrase]) => phrase.test(literal.replace(/\$\{[^}]*\}/g, '…')))
          .map(([phrase, write]) => `${file}: "${literal}" has ${phrase}; write ${write}`),
      ),
  )
  expect(found).toEqual([])
})

it.each([
  'fix or mend the file',
  'etcd member was made anew',
  'the secret cannot be had from env:X',
  'load balancers of before',
  '3 steps as they should be',
  'the others would not do without it',
  'etcd does not do it within 60 s',
  'take it out first',
])('"%s" is found', (literal) => {
  expect(banned.some(([phrase]) => phrase.test(literal))).toBe(true)
})
