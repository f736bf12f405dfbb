import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../../../src/cli/run.js'
import { UserError } from '../../../src/lib/errors.js'

const directory = mkdtempSync(join(tmpdir(), 'ks-conformance-cli-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const inventory = join(directory, 'inventory.yaml')
writeFileSync(
  inventory,
  'kubernetes: { version: "1.20.2" }\nhosts: { cp1: { address: 192.0.2.1, roles: [control-plane] } }\n',
)

/** Words of the error that a command line ends with before any host is asked. */
async function refused(...words: string[]): Promise<string> {
  try {
    await run(['verify', '-i', inventory, ...words], '0')
  } catch (error) {
    if (error instanceof UserError) return `${error.kind}: ${error.message}`
    throw error
  }
  return 'nothing'
}

describe('verify --conformance', () => {
  it.each([
    [['--conformance=most'], 'usage: --conformance most is not a mode'],
    [['--conformance', '--timeout', 'long'], 'usage: --timeout long is not a duration'],
    [['--conformance', '--timeout', '30d'], 'usage: --timeout 30d is not a duration'],
    [['--report', 'x'], 'usage: --report has no effect without --conformance'],
    [['--list-specs'], 'usage: --list-specs has no effect without --conformance'],
    [['--conformance', '--report', directory], `usage: ${directory} is not empty`],
    [['--conformance', '--report', inventory], `usage: the report cannot be written to ${inventory}`],
  ])('%j: %s', async (words, error) => {
    expect(await refused(...words)).toBe(error)
  })
})
