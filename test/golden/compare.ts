import { isDeepStrictEqual } from 'node:util'
import { diffLines } from 'diff'
import { isJson } from './api-objects.js'
import type { Difference } from './differences.js'

export type Found = Omit<Difference, 'reason'>

/** Every place where two JSON values differ: the smallest parts, lists as a whole. */
export function compare(path: string, ours: unknown, theirs: unknown): Found[] {
  if (isDeepStrictEqual(ours, theirs)) return []
  if (!isJson(ours) || !isJson(theirs)) return [{ path, ours, theirs }]
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...keys].flatMap((key) => compare(`${path}/${key}`, ours[key], theirs[key]))
}

/** The lines by which two texts differ, as one difference; whole texts when one is not there. */
export function compareText(path: string, ours: string | undefined, theirs: string | undefined): Found[] {
  if (ours === theirs) return []
  if (ours === undefined || theirs === undefined) return [{ path, ours, theirs }]
  const parts = diffLines(theirs, ours)
  const only = (which: 'added' | 'removed'): string[] =>
    parts
      .filter((part) => part[which])
      .flatMap((part) => part.value.split('\n').filter((line) => line !== ''))
  return [{ path, ours: only('added'), theirs: only('removed') }]
}

/** Does a listed difference speak of this one? */
export function covers(listed: Difference, found: Found): boolean {
  const pattern = listed.path.split('*').map(escapeRegExp).join('.*')
  return (
    new RegExp(`^${pattern}$`).test(found.path) &&
    isDeepStrictEqual(listed.ours, found.ours) &&
    isDeepStrictEqual(listed.theirs, found.theirs)
  )
}

const escapeRegExp = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
