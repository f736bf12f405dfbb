import { expect, test } from 'vitest'
import { bundleCommand } from '../../../../src/cli/new/bundle-command.js'

test.each([
  ['1.20.2', ['arm64'], 'kubestrap lab bundle'],
  ['1.36.3', [], 'kubestrap bundle create'],
  ['1.36.3', ['amd64'], 'kubestrap bundle create'],
  ['1.36.3', ['arm64', 'amd64', 'riscv64'], 'kubestrap bundle create --arch amd64,arm64'],
])('a bundle of %s for %j is created by: %s', (version, arches, command) => {
  expect(bundleCommand(version, arches)).toBe(command)
})
