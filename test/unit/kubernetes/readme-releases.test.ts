import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { releaseTable } from '../../support/release-table.js'

const readme = new URL('../../../README.md', import.meta.url).pathname
const part = /(<!-- releases -->\n)([\s\S]*?)(\n<!-- \/releases -->)/

/** UPDATE_README=1 writes the table instead of comparing it. */
test('the README’s table of versions is that of the releases', () => {
  const text = readFileSync(readme, 'utf8')
  const table = releaseTable(releases)
  if (process.env.UPDATE_README === '1') writeFileSync(readme, text.replace(part, `$1${table}$3`))
  else expect(part.exec(text)?.[2]).toBe(table)
})
