import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { template } from '../../../src/lib/templates.js'

const path = 'kube-proxy/kubeconfig.conf'
const raw = readFileSync(fileURLToPath(new URL(`../../../templates/${path}`, import.meta.url)), 'utf8')
const names = [...raw.matchAll(/\{\{([a-zA-Z]+)\}\}/g)].map(([, name = '']) => name)
const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]))

it('a template has every name replaced, everywhere', () => {
  expect(names.length).toBeGreaterThan(0)
  const text = template(path, values)
  expect(text).not.toContain('{{')
  for (const name of names) expect(text).toContain(`<${name}>`)
})

it('a value is put in as it is, also when it looks like a pattern or a name', () => {
  const odd = Object.fromEntries(names.map((name) => [name, `$& $1 {{${name}}}`]))
  expect(template(path, odd)).toContain(`$& $1 {{${names[0]}}}`)
})

it('a name without a value is a bug', () => {
  expect(() => template(path, {})).toThrow(`templates/${path}: no value for ${names[0]}`)
})

it('a value without a place is a bug', () => {
  expect(() => template(path, { ...values, surplus: 'x' })).toThrow(
    `templates/${path} has no place for surplus`,
  )
})
