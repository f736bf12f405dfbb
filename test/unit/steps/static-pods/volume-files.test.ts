import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ExtraVolume } from '../../../../src/inventory/spec.js'
import { readVolumeFiles, volumeFileSteps } from '../../../../src/steps/static-pods/volume-files.js'
import { machine } from '../../../support/context.js'
import { clusterSpec } from '../../../support/spec.js'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'volumes-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const volume = (name: string, more: Partial<ExtraVolume> = {}): ExtraVolume => ({
  name,
  hostPath: `/etc/kubernetes/${name}/${name}.yaml`,
  mountPath: `/${name}.yaml`,
  readOnly: true,
  pathType: 'File',
  source: join(directory, `${name}.yaml`),
  ...more,
})
const specOf = (api: ExtraVolume[], scheduler: ExtraVolume[] = []) =>
  clusterSpec({
    apiServer: { bindPort: 6443, certSANs: [], extraArgs: {}, extraVolumes: api },
    scheduler: { extraArgs: {}, extraVolumes: scheduler },
  })

it('a file of two components is read and written once, and both restart after a change', async () => {
  writeFileSync(join(directory, 'both.yaml'), 'key: of-encryption\n')
  const there = volume('there', { source: undefined })
  const spec = specOf(
    [volume('both'), there, volume('both', { name: 'again', mountPath: '/again', source: undefined })],
    // by its directory
    [volume('both', { hostPath: '/etc/kubernetes/both/', mountPath: '/other', source: undefined })],
  )
  const files = await readVolumeFiles(spec)
  const steps = volumeFileSteps(spec, machine(), files)
  expect(steps.map(({ id, marks }) => [id, marks])).toEqual([
    ['file:/etc/kubernetes/both/both.yaml', ['static-pod-kube-apiserver', 'static-pod-kube-scheduler']],
  ])
  const changes = steps[0]?.diff({ kind: 'absent' } as never) ?? []
  expect(changes.map(({ summary }) => summary)).toEqual(['write /etc/kubernetes/both/both.yaml'])
  // any of them may hold a key
  expect(JSON.stringify(changes)).not.toContain('of-encryption')
})

it('one that is not there, no text, or larger than a configuration is told with its place', async () => {
  writeFileSync(join(directory, 'large.yaml'), 'x'.repeat(1024 * 1024 + 1))
  await expect(readVolumeFiles(specOf([volume('none')]))).rejects.toMatchObject({
    kind: 'inventory',
    message: `cannot read ${join(directory, 'none.yaml')}`,
    why: expect.stringMatching(/^extraVolumes, .*ENOENT/),
  })
  await expect(readVolumeFiles(specOf([volume('large')]))).rejects.toMatchObject({
    why: expect.stringContaining('it has 1048577 bytes, more than 1048576'),
  })
  await expect(readVolumeFiles(specOf([volume('x', { source: directory })]))).rejects.toMatchObject({
    why: expect.stringContaining('it is not a regular file'),
  })
  writeFileSync(join(directory, 'keytab.yaml'), Buffer.from([5, 2, 0, 0xff, 0xfe]))
  await expect(readVolumeFiles(specOf([volume('keytab')]))).rejects.toMatchObject({
    why: expect.stringContaining('it is no text in UTF-8'),
  })
})
