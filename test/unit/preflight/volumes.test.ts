import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ExtraVolume } from '../../../src/inventory/spec.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { lookForVolumes, volumeChecks } from '../../../src/preflight/volumes.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'
import { clusterSpec } from '../../support/spec.js'

const volume = (hostPath: string, more: Partial<ExtraVolume>): ExtraVolume => ({
  name: 'one',
  hostPath,
  mountPath: hostPath,
  readOnly: false,
  pathType: '',
  source: undefined,
  ...more,
})
const specOf = (...extraVolumes: ExtraVolume[]) => clusterSpec({ scheduler: { extraArgs: {}, extraVolumes } })

it('paths of extraVolumes that a kubelet would look for are looked for, those that kubestrap writes are not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'volumes-'))
  const host = shimmedHost('cp1', {}, {})
  const gone = join(directory, 'gone')
  const spec = specOf(
    volume(directory, { pathType: 'Directory' }),
    volume(directory, { pathType: 'File' }),
    volume(gone, { pathType: 'DirectoryOrCreate' }),
    volume(gone, { pathType: 'File', source: '/home/ops/file' }),
    volume(gone, {}),
    volume(gone, { pathType: 'Socket' }),
  )
  const context = contextOf([{ ...machine(), host }], { spec })
  try {
    const volumes = await lookForVolumes(context)
    const missing = [`${directory} (File, of kube-scheduler)`, `${gone} (Socket, of kube-scheduler)`]
    expect([...volumes]).toEqual([['cp1', missing]])
    const [check] = volumeChecks
    expect(check?.run(context, { ...notCloser, volumes })).toMatchObject([
      {
        host: 'cp1',
        severity: 'error',
        what: `paths of extraVolumes are missing, or not of their pathType: ${missing.join('; ')}`,
      },
    ])
  } finally {
    host.remove()
    rmSync(directory, { recursive: true })
  }
})

it('nobody is asked where nothing is to be there, and a host that does not tell is no permission', async () => {
  const host = fakeHost('cp1')
  host.read = () => Promise.reject(new NoAnswer('no answer within 10 s', { host: 'cp1' }))
  const one = { ...machine(), host }
  expect([...(await lookForVolumes(contextOf([one], { spec: specOf(volume('/srv/x', {})) })))]).toEqual([])
  const spec = specOf(volume('/srv/x', { pathType: 'Directory' }))
  const volumes = await lookForVolumes(contextOf([one], { spec }))
  expect([...volumes]).toEqual([['cp1', 'unknown']])
  const [check] = volumeChecks
  expect(check?.run(contextOf([one], { spec }), { ...notCloser, volumes })).toMatchObject([
    { severity: 'error' },
  ])
})
