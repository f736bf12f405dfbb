import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { symlink } from '../../../src/resources/symlink.js'
import { fakeHost } from '../../support/fake-host.js'

const [path, target, record] = [
  '/opt/cni/bin/bridge',
  '/usr/lib/cni/bridge',
  '/var/lib/kubestrap/archives/cniPlugins',
]
const sha = createHash('sha256').update('unpacked').digest('hex')
const told = async (files: Record<string, string>) => {
  const step = symlink(fakeHost('w1', { files }), path, target, [], record)
  return step.diff(await step.probe()).map(({ summary }) => summary)
}

it('a link takes the place of a file that kubestrap unpacked', async () => {
  const noted = `${'a'.repeat(64)} ${sha} ${path}\n`
  expect(await told({ [path]: 'unpacked', [record]: noted })).toEqual([`link ${path} → ${target}`])
  await expect(told({ [path]: 'another', [record]: noted })).rejects.toThrow('exists and is not a link')
  await expect(told({ [path]: 'unpacked' })).rejects.toThrow('exists and is not a link')
})
