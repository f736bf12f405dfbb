import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { upgradeChecks } from '../../../src/upgrade/checks/checks.js'

const page = new URL('../../../docs/upgrade.md', import.meta.url).pathname
const part = /(<!-- checks -->\n)([\s\S]*?)(\n<!-- \/checks -->)/

/** UPDATE_README=1 writes the table instead of comparing it. */
test('docs/upgrade.md has every check of an upgrade', () => {
  const text = readFileSync(page, 'utf8')
  const rows = upgradeChecks.map(({ name, about }) => `| \`${name}\` | ${about} |`)
  const table = ['| Check | Requirement |', '| --- | --- |', ...rows].join('\n')
  if (process.env.UPDATE_README === '1') writeFileSync(page, text.replace(part, `$1${table}$3`))
  else expect(part.exec(text)?.[2]).toBe(table)
})
