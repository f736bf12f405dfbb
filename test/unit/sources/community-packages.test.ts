import { expect, it } from 'vitest'
import { kubernetesRepositories } from '../../../src/sources/community-packages.js'
import { sites } from '../../../src/sources/urls.js'

it('a command that only looks asks nobody for a key', async () => {
  const found = await kubernetesRepositories(
    { minor: '1.30', at: 'inventory.yaml:2:3', formats: ['deb'] },
    // nothing listens there
    { ...sites, packages: 'https://127.0.0.1:1' },
    '/nonexistent',
    { ca: undefined, keptOnly: true, environment: {} },
  )
  expect(found.deb?.key).toBeUndefined()
  expect(found.deb?.wish.url).toBe('https://127.0.0.1:1/core:/stable:/v1.30/deb')
})
