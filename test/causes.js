// Writes docs/causes from src/diagnose/causes: npm run causes. test/unit/diagnose/pages.test.ts tells when they are not current.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { causes } from '../dist/diagnose/catalogue.js'
import { causeIndex, causePage } from '../dist/diagnose/page.js'

const directory = fileURLToPath(new URL('../docs/causes/', import.meta.url))
mkdirSync(directory, { recursive: true })
for (const name of readdirSync(directory)) if (name.endsWith('.md')) rmSync(`${directory}${name}`)
for (const cause of causes) writeFileSync(`${directory}${cause.code}.md`, causePage(cause))
writeFileSync(`${directory}README.md`, causeIndex(causes))
