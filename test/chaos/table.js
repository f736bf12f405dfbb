import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Tries and those that converged, by topology and class. Files of several runs add up.
 * @typedef {Record<string, Record<string, { tried: number, converged: number }>>} Table
 */

/** @returns {Table} with one try more; the one given stays as it is */
export function counted(table, topology, name, converged) {
  const { tried, converged: before } = table[topology]?.[name] ?? { tried: 0, converged: 0 }
  const cell = { tried: tried + 1, converged: before + (converged ? 1 : 0) }
  return { ...table, [topology]: { ...table[topology], [name]: cell } }
}

/** Lines: classes down, topologies across, "converged/tried". */
export function tableText(table) {
  const across = Object.keys(table)
  const down = [...new Set(across.flatMap((topology) => Object.keys(table[topology])))]
  const cell = (topology, name) => {
    const { tried, converged } = table[topology][name] ?? {}
    return tried === undefined ? '-' : `${converged}/${tried}`
  }
  const rows = [
    ['converged/tried', ...across],
    ...down.map((name) => [name, ...across.map((one) => cell(one, name))]),
  ]
  return rows
    .map((row) => `${row.map((word, i) => (i === 0 ? word.padEnd(16) : word.padStart(10))).join('')}\n`)
    .join('')
}

/** @returns {{ table: Table, failures: object[] }} of a file; empty when there is none */
export const readResult = (path) =>
  existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { table: {}, failures: [] }

/** Adds one try to a file. */
export function addToFile(path, { topology, name, problems, ...more }) {
  const { table, failures } = readResult(path)
  const converged = problems.length === 0
  writeFileSync(
    path,
    `${JSON.stringify(
      {
        table: counted(table, topology, name, converged),
        failures: converged ? failures : [...failures, { topology, name, problems, ...more }],
      },
      null,
      2,
    )}\n`,
  )
}
