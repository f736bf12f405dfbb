import { readFileSync, writeFileSync } from 'node:fs'

/**
 * What some runs came to.
 * @typedef {object} Tally
 * @property {string[]} runs their names, as they ended
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures what failed, in the order it ran
 * @property {{ file: string, seconds: number, hooks: { what: string, seconds: number }[] }[]} files
 */

/** @returns {Tally} */
export function emptyTally() {
  return { runs: [], passed: 0, failed: 0, skipped: 0, failures: [], files: [] }
}

/** @returns {Tally} of a file; an empty one when there is none or nothing in it */
export function readTally(path) {
  const text = readFileSync(path, { encoding: 'utf8', flag: 'a+' })
  return text === '' ? emptyTally() : JSON.parse(text)
}

/** Two tallies as one, in this order. */
export function added(one, other) {
  return {
    runs: [...one.runs, ...other.runs],
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    failures: [...one.failures, ...other.failures],
    files: [...one.files, ...other.files],
  }
}

/** Adds one to what a file has. */
export function addTally(path, one) {
  writeFileSync(path, JSON.stringify(added(readTally(path), one)))
}

/** Seconds; files that took less are told as one sum. */
const least = 5

/** How long each file took, the slowest last (what is kept of a long log is its end), and what failed; the last line is "N passed, N failed, N skipped". */
export function tallyText({ passed, failed, skipped, failures, files }) {
  const quick = files.filter(({ seconds }) => seconds < least)
  const slow = files
    .filter(({ seconds }) => seconds >= least)
    .toSorted((one, other) => one.seconds - other.seconds)
  const times = slow.flatMap(({ file, seconds, hooks }) => [
    `${seconds.toFixed(1).padStart(8)}  ${file}`,
    ...hooks.map((hook) => `${' '.repeat(10)}  ${hook.seconds.toFixed(1)} ${hook.what}`),
  ])
  return [
    '\nseconds each file took, with hooks that took one or more:',
    `${quick
      .reduce((sum, { seconds }) => sum + seconds, 0)
      .toFixed(1)
      .padStart(8)}  ${quick.length} files that took less than ${least} s each`,
    ...times,
    ...(failures.length > 0 ? ['\nfailed:', ...failures.map((one) => `  - ${one}`)] : []),
    `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`,
  ].join('\n')
}
