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
    ...(
      [
        [directory, { pathType: 'Directory' }],
        [directory, { pathType: 'File' }],
        [gone, { pathType: 'DirectoryOrCreate' }],
        ['/etc/kubernetes/a/a', { pathType: 'File', source: '/home/ops/file' }],
        [gone, {}],
        [gone, { pathType: 'Socket' }],
      ] as const
    ).map(([path, more], i) => volume(path, { name: `v${i}`, mountPath: `/v${i}`, ...more })),
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

it('a name or a place that the Pod has already is told, of the component and the release that have it', () => {
  const spec = specOf(
    volume('/srv/a', { name: 'kubeconfig', mountPath: '/a' }),
    volume('/srv/b', { name: 'b', mountPath: '/etc/kubernetes/scheduler.conf' }),
    // the scheduler has none
    volume('/etc/kubernetes/pki', { name: 'k8s-certs' }),
    volume('/srv/c', { name: 'etc-audit', mountPath: '/etc/pki' }),
  )
  const [check] = volumeChecks
  const context = contextOf([machine()], { spec })
  expect(check?.run(context, notCloser).map(({ what }) => what.replace(/ \(.*/, ''))).toEqual([
    'kube-scheduler has a volume kubeconfig already, as kubeadm makes the Pod',
    'kube-scheduler has something mounted at /etc/kubernetes/scheduler.conf already, as kubeadm makes the Pod',
  ])
  const api = clusterSpec({
    apiServer: {
      bindPort: 6443,
      certSANs: [],
      extraArgs: {},
      extraVolumes: [volume('/srv/c', { name: 'c', mountPath: '/usr/share/ca-certificates/' })],
    },
  })
  const there = machine({}, { caDirectories: ['/usr/share/ca-certificates'] })
  expect(check?.run(contextOf([there], { spec: api }), notCloser)).toHaveLength(1)
  expect(check?.run(contextOf([machine({}, { caDirectories: [] })], { spec: api }), notCloser)).toEqual([])
})

it('what another component has a source for is not looked for, though it has none itself', async () => {
  const host = fakeHost('cp1')
  host.read = () => Promise.reject(new Error('asked'))
  const sourced = volume('/etc/kubernetes/a/a', { pathType: 'File', source: '/home/ops/a' })
  const spec = specOf(
    sourced,
    volume('/etc/kubernetes/a/a', { pathType: 'File' }),
    volume('/etc/kubernetes/a', { pathType: 'Directory' }),
  )
  expect([...(await lookForVolumes(contextOf([{ ...machine(), host }], { spec })))]).toEqual([])
})
