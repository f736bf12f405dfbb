import { expect, test } from 'vitest'
import type { SystemPackages } from '../../../src/bundle/manifest.js'
import { bundledPackageChecks } from '../../../src/preflight/bundled-package-checks.js'
import { notCloser } from '../../../src/preflight/closer.js'
import type { PackageSeen } from '../../../src/preflight/package-look.js'
import { neededPackages } from '../../../src/steps/programs/needed-packages.js'
import { withBrought } from '../../../src/workflows/session/with-brought.js'
import { contextOf, machine } from '../../support/context.js'

const os = { id: 'debian', like: [], version: '12', name: 'Debian 12' }
const one = machine({ roles: ['worker'] }, { os, arch: 'amd64' })
const needed = neededPackages(contextOf([one]), one)

/** What a host is told that has packages installed, from a bundle with packages. */
function told(installed: readonly string[], bundled?: readonly string[], version = '12', seen?: 'unknown') {
  const system: SystemPackages = {
    os: 'debian',
    version,
    arch: 'amd64',
    format: 'deb',
    packages: (bundled ?? []).map((name) => ({
      name,
      version: '1',
      arch: 'amd64',
      file: `packages/${name}.deb`,
      fileSha256: 'a'.repeat(64),
      fileSize: 1,
      control: {},
    })),
  }
  const { bundle } = contextOf([one])
  const manifest = bundled ? { ...bundle.manifest, format: 3 as const, packages: [system] } : bundle.manifest
  const whole = { ...bundle, manifest }
  const context = contextOf([withBrought(one, whole)], { bundle: whole })
  const found = new Map<string, PackageSeen>(installed.map((name) => [name, { installed: '1' }]))
  const packages = new Map([[one.spec.name, seen ?? found] as const])
  return bundledPackageChecks.flatMap(({ run }) => run(context, { ...notCloser, packages }))
}

test('a host that has everything, or whose packages are in the bundle, is let go on', () => {
  expect(needed).toContain('docker.io')
  expect(told([], needed)).toEqual([])
  expect(told(needed, [], '11')).toEqual([])
  expect(told(needed.slice(1), needed.slice(0, 1))).toEqual([])
})

test('a bundle without packages says nothing of them', () => {
  expect(told([])).toEqual([])
})

test('a system that the bundle does not have is named, with what the host lacks and the command', () => {
  expect(told(needed.slice(2), needed, '11')).toEqual([
    {
      host: one.spec.name,
      severity: 'error',
      what: `the bundle has packages, but none for debian 12 on amd64; the host lacks ${needed[0]}, ${needed[1]}`,
      next: expect.stringContaining('kubestrap bundle create --os-packages --replace'),
    },
  ])
})

test('a package that the bundle lacks is named', () => {
  expect(told([], needed.slice(1))).toMatchObject([
    { severity: 'error', what: expect.stringContaining(`are without ${needed[0]}, which the host lacks`) },
  ])
})

test('where the host did not say what it has, it is a warning', () => {
  expect(told([], [], '11', 'unknown')).toMatchObject([{ severity: 'warning' }])
})
