import { execFileSync } from 'node:child_process'
import { load } from 'js-yaml'
import { describe, expect, it, test } from 'vitest'
import { known } from '../../../src/catalog.js'
import { decodeInventory } from '../../../src/inventory/decode.js'
import { inventoryJsonSchema } from '../../../src/inventory/schema/schema.js'
import { UserError } from '../../../src/lib/errors.js'
import { isMapping } from '../../../src/lib/is-mapping.js'
import { root } from '../../support/docs/pages.js'
import { whyNoHistory } from '../../support/earlier-version.js'
import { inventoryFacts } from '../../support/reference/inventory-facts.js'
import { entryOf, factsOf } from '../../support/reference/inventory-keys.js'
import { everyKey, type Key } from '../../support/reference/inventory-schema.js'

/** The inventory that examples are put into. */
const whole = `
kubernetes: { version: "1.36.3", controlPlaneEndpoint: api.example.com:6443 }
hosts:
  cp1: { address: 10.0.0.11, roles: [control-plane] }
  w1: { address: 10.0.0.21, roles: [worker] }
`

const keys = everyKey(inventoryJsonSchema())
const examples = keys.flatMap(({ path }) => {
  const { example, with: around } = factsOf(path)
  return example === undefined ? [] : [[path, example, around?.yaml ?? ''] as const]
})

/** What is wrong with an example where its key stands, as kubestrap says it. */
function problemOf(path: string, example: string, around: string): string {
  const base = [whole, around].join('\n---\n')
  const text = [base, placed(path, example, around)].join('\n---\n')
  try {
    decodeInventory(text, {
      file: '/home/me/cluster/inventory.yaml',
      label: 'inventory.yaml',
      home: '/home/me',
      known,
      readFile: () => 'verify: { image: registry.example.com/busybox }\n',
    })
    return ''
  } catch (error) {
    return error instanceof UserError ? `${error.message}: ${error.why}` : String(error)
  }
}

/** An example below the keys that lead to it. A NAME is the first that the surroundings have there. */
function placed(path: string, example: string, around: string): string {
  const above = path.split('.').slice(0, -1)
  let inside: unknown[] = [load(around), load(whole)]
  const names = above.map((key) => {
    const found = inside.filter(isMapping).flatMap((one) => Object.keys(one))
    const name = key === 'NAME' ? (found[0] ?? 'registry.example.com') : key
    inside = inside.filter(isMapping).map((one) => one[name])
    return name
  })
  return names.reduceRight((text, name) => `{ "${name}": ${text} }`, `{ ${example} }`)
}

describe('keys of the inventory', () => {
  test('each has an entry in inventory-facts.ts; a section only since, any other key an example too', () => {
    expect(keys.length).toBeGreaterThan(200)
    const silent = keys.filter(({ path, schema }) => !factsOf(path).example && !isSection(path, schema))
    expect(silent.map(({ path }) => `${path} needs an example in inventory-facts.ts`)).toEqual([])
  })

  test('no entry is of a key that is gone', () => {
    const entries = new Set(keys.map(({ path }) => entryOf(path)))
    expect(Object.keys(inventoryFacts).filter((entry) => !entries.has(entry))).toEqual([])
  })

  test('a new key without an entry is told what to do', () => {
    expect(() => factsOf('etcd.brandNew')).toThrow(
      'etcd.brandNew has no entry: add one to test/support/reference/inventory-facts.ts',
    )
  })

  test.skipIf(whyNoHistory())('those of 0.1.0 are those that its schema had', () => {
    const was = execFileSync('git', ['show', '445eb1d:inventories/schema.json'], { cwd: root })
    const old = new Set(everyKey(JSON.parse(was.toString())).map(({ path }) => path))
    const wrong = keys.filter(({ path }) => old.has(path) !== (factsOf(path).since === '0.1.0'))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

describe('an example', () => {
  it('is of the key that has it', () => {
    for (const [path, example] of examples)
      expect(Object.keys(Object(load(example))), path).toEqual([path.split('.').at(-1)])
  })

  it.each(examples)('of %s is valid: %s', (path, example, around) => {
    expect(problemOf(path, example, around)).toBe('')
  })

  it('that were wrong would be noticed', () => {
    expect(problemOf('flannel.backend', 'backend: udp', '')).toContain('backend')
    expect(problemOf('loadBalancer.routerId', 'routerId: 51', '')).toContain('loadBalancer')
  })
})

/** A key of the whole inventory that is described by the keys below it. */
const isSection = (path: string, schema: Key['schema']): boolean =>
  !path.includes('.') && everyKey({ properties: { [path]: schema } }).length > 1
