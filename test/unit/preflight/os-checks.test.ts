import { expect, test } from 'vitest'
import type { Facts } from '../../../src/host/facts/facts.js'
import type { HostSpec } from '../../../src/inventory/spec.js'
import { debian } from '../../../src/os/debian.js'
import { flatcarSystem } from '../../../src/os/flatcar.js'
import type { OperatingSystem } from '../../../src/os/os.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { osChecks } from '../../../src/preflight/os-checks.js'
import { contextOf, machine } from '../../support/context.js'
import { repositorySpec } from '../../support/spec.js'

function told(
  os: OperatingSystem,
  {
    facts = {},
    spec = {},
    note = '',
  }: { facts?: Partial<Facts>; spec?: Partial<HostSpec>; note?: string } = {},
): string[] {
  const one = { ...machine(spec, { kubernetes: false, ...facts }), os, osNote: note }
  return osChecks.flatMap(({ name, run }) =>
    run(contextOf([one]), notCloser).map(({ severity, what }) => `${name} ${severity}: ${what}`),
  )
}

const withRepository = { os: { like: undefined, hold: false, repositories: [repositorySpec] } }

test('Debian is a host like any other', () => {
  expect(told(debian)).toEqual([])
})

test('an image is no host of a cluster, whatever made it', () => {
  const flatcar = flatcarSystem.of(machine().facts)
  expect(told(flatcar)).toEqual([
    expect.stringMatching(/^OperatingSystem error: .* \/usr is part of its image/),
  ])
  expect(told(debian, { facts: { usrReadOnly: true } })).toEqual([
    'OperatingSystem error: /usr is read-only, and packages and programs are installed there',
  ])
})

test('what was guessed of a system is told', () => {
  expect(told(debian, { note: 'Linux Mint 22 is treated like ubuntu (os.like)' })).toEqual([
    'OperatingSystem warning: Linux Mint 22 is treated like ubuntu (os.like)',
  ])
})

test('apt needs the suite of a repository', () => {
  expect(told(debian, { spec: withRepository })).toEqual([
    'RepositorySuite error: os.repositories docker has no suite, which apt requires',
  ])
})
