import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { known } from '../../../src/catalog.js'
import { choose, labs } from '../../../src/cli/quickstart.js'

test("today's Kubernetes where it can be downloaded, else Debian's; the sentence says which and why", async () => {
  expect(await choose(async () => undefined)).toEqual({
    lab: 'today',
    why: `Kubernetes ${known.newest}, the newest that was tested: the machines download it`,
  })
  expect(await choose(async () => 'getaddrinfo ENOTFOUND dl.k8s.io')).toEqual({
    lab: 'debian',
    why: `Kubernetes 1.20.2, built from Debian's source: ${known.newest} cannot be downloaded (getaddrinfo ENOTFOUND dl.k8s.io)`,
  })
})

test.each(Object.values(labs))('inventories/%s is there', (name) => {
  expect(existsSync(new URL(`../../../inventories/${name}`, import.meta.url))).toBe(true)
})
