import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { known } from '../../../src/catalog.js'
import { loadInventory } from '../../../src/inventory/load.js'
import { inventoryJsonSchema } from '../../../src/inventory/schema/schema.js'
import { UserError } from '../../../src/lib/errors.js'

const directory = fileURLToPath(new URL('../../../inventories/', import.meta.url))
const examples = readdirSync(directory).filter((name) => name.endsWith('.yaml'))

describe('the examples in inventories/', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(0)
  })

  it.each(examples)('%s is a good inventory', async (name) => {
    const spec = await loadInventory(join(directory, name), '/home/me', known)
    expect(spec.hosts.length).toBeGreaterThan(0)
  })

  it.each(examples)('%s names its schema for editors', (name) => {
    expect(readFileSync(join(directory, name), 'utf8')).toContain(
      '# yaml-language-server: $schema=schema.json\n',
    )
  })
})

it('a file that is not there is told by name, with where to find examples', async () => {
  const missing = join(directory, 'missing.yaml')
  const loading = loadInventory(missing, '/home/me', known)
  await expect(loading).rejects.toBeInstanceOf(UserError)
  await expect(loading).rejects.toMatchObject({ kind: 'inventory', message: `cannot read ${missing}` })
})

it('inventories/schema.json is current', () => {
  expect(
    readFileSync(join(directory, 'schema.json'), 'utf8'),
    'renew it: node bin/kubestrap.js inventory schema > inventories/schema.json',
  ).toBe(`${JSON.stringify(inventoryJsonSchema(), undefined, 2)}\n`)
})
