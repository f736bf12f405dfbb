import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { known } from '../../../src/catalog.js'
import { choose, labOfMachines, labs } from '../../../src/cli/quickstart.js'

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

describe('machines that exist, running or not, keep their lab', () => {
  const home = mkdtempSync(join(tmpdir(), 'ks-quickstart-'))
  afterAll(() => rmSync(home, { recursive: true }))

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const manifest = (tag: string): string =>
    `spec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:${tag}\n    command: [kube-apiserver]\n`

  test.each([
    ['no machine: the choice is free', { choice: 'debian' }, undefined],
    ['before their cluster: as was chosen', { machine: true, choice: 'debian' }, 'debian'],
    ['with no choice on record: free', { machine: true }, undefined],
    ['by what is on their disks, whatever was chosen', { tag: 'v1.20.2', choice: 'today' }, 'debian'],
    ["today's, in any version", { tag: 'v1.35.6', choice: 'debian' }, 'today'],
  ] as const)('%s', async (title, given: { machine?: boolean; tag?: string; choice?: string }, lab) => {
    const directory = join(home, title.replaceAll(/\W+/g, '-'))
    const cp1 = join(directory, 'lab/machines/cp1')
    if (given.machine || given.tag) put(join(cp1, 'console.log'), '')
    if (given.tag) put(join(cp1, 'upper/etc/kubernetes/manifests/kube-apiserver.yaml'), manifest(given.tag))
    if (given.choice) put(join(directory, 'quickstart'), `${given.choice}\n`)
    const found = await labOfMachines(join(directory, 'lab'), '1.20.2', join(directory, 'quickstart'))
    expect(found).toBe(lab)
  })
})
