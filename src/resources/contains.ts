import { isMapping } from '../lib/is-mapping.js'
import { textDiff } from './text-diff.js'

/**
 * Where `actual` lacks what `wanted` says, as dotted paths with both values. Fields `wanted` does not
 * mention are the API server's defaults or somebody else's and are no difference; lists must have
 * the same length, since a longer one holds something nobody wants. Empty and absent are the same,
 * as they are to the API.
 */
export function missingFrom(actual: unknown, wanted: unknown, path = ''): string[] {
  if (wanted === null || (isEmpty(wanted) && isEmpty(actual))) return []
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length)
      return [`${path}: ${shown(actual)} → ${shown(wanted)}`]
    return wanted.flatMap((item, i) => missingFrom(actual[i], item, `${path}[${i}]`))
  }
  if (isMapping(wanted)) {
    if (!isMapping(actual)) return [`${path}: ${shown(actual)} → ${shown(wanted)}`]
    return Object.entries(wanted).flatMap(([key, value]) =>
      missingFrom(actual[key], value, path === '' ? key : `${path}.${key}`),
    )
  }
  if (actual === wanted) return []
  if (typeof actual === 'string' && typeof wanted === 'string' && `${actual}${wanted}`.includes('\n'))
    return [`${path}:\n${hunks(path, actual, wanted)}`]
  return [`${path}: ${shown(actual)} → ${shown(wanted)}`]
}

/** Of texts of several lines those that differ, without the two lines that name a file. */
function hunks(path: string, actual: string, wanted: string): string {
  return textDiff(path, actual, wanted).trimEnd().split('\n').slice(2).join('\n')
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (isMapping(value) && Object.keys(value).length === 0)
  )
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
