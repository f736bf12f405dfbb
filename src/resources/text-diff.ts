import { createTwoFilesPatch } from 'diff'
import { masked } from '../lib/masked.js'

/**
 * A unified diff of a file's old and new text, as `plan` shows it: without what a key that sounds like a secret is
 * set to, in either of them.
 */
export function textDiff(path: string, before: string | undefined, after: string): string {
  const patch = createTwoFilesPatch(
    before === undefined ? '/dev/null' : path,
    path,
    before ?? '',
    after,
    '',
    '',
    {
      context: 2,
    },
  )
  return masked(patch.replace(/^(?:Index: .*\n)?=+\n/, ''))
}
