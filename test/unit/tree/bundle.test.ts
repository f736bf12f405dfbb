import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { version } from '../../../src/cli/version.js'
import { packageRoot } from '../../../src/lib/package-root.js'
import { sources } from './source.js'

// the command runs from one file (rolldown.config.js): what is beside a file of src is elsewhere there
it('no file but package-root finds others by its own place', () => {
  const found = [...sources].flatMap(([file, text]) => (text.includes('import.meta') ? [file] : []))
  expect(found).toEqual(['src/lib/package-root.ts'])
})

it('the root of the package is found', () => {
  expect(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))).toMatchObject({
    name: 'kubestrap',
    version: version(),
  })
})
