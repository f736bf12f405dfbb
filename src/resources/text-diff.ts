import { createTwoFilesPatch } from 'diff'

/** A unified diff of a file's old and new text, as `plan` shows it. */
export function textDiff(path: string, before: string | undefined, after: string): string {
  return createTwoFilesPatch(before === undefined ? '/dev/null' : path, path, before ?? '', after, '', '', {
    context: 2,
  }).replace(/^(?:Index: .*\n)?=+\n/, '')
}
