import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExtraVolume } from '../../../src/inventory/spec.js'
import { Secret } from '../../../src/lib/secret.js'
import { upgradeChecks } from '../../../src/upgrade/checks/checks.js'
import { configurationFiles, readConfigurationFiles } from '../../../src/upgrade/configuration-files.js'
import { contextOf, machine } from '../../support/context.js'
import { shimmedHost } from '../../support/shimmed-host.js'
import { clusterSpec } from '../../support/spec.js'
import { viewOf } from '../../support/upgrade-view.js'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'configurations-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const volume = (hostPath: string, mountPath: string, source?: string): ExtraVolume => ({
  name: 'one',
  hostPath,
  mountPath,
  readOnly: true,
  pathType: '',
  source,
})

/** A cluster whose API server reads an audit policy at /audit/policy.yaml, and its scheduler a configuration. */
const specOf = (policy: ExtraVolume, scheduler?: ExtraVolume) =>
  clusterSpec({
    apiServer: {
      bindPort: 6443,
      certSANs: [],
      extraArgs: { 'audit-policy-file': '/audit/policy.yaml', 'audit-log-path': '-' },
      extraVolumes: [policy],
    },
    scheduler: {
      extraArgs: { config: '/config.json' },
      extraVolumes: scheduler ? [scheduler] : [],
    },
  })

async function read(spec: ReturnType<typeof specOf>, sources: Record<string, string> = {}) {
  const host = shimmedHost('cp1', {}, {})
  const one = { ...machine(), host }
  const volumeFiles = new Map(Object.entries(sources).map(([path, text]) => [path, new Secret(text)]))
  try {
    return await readConfigurationFiles(contextOf([one], { spec, volumeFiles }), one)
  } finally {
    host.remove()
  }
}

const there = (name: string, text: string): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

describe('Configuration files', () => {
  it('lie on the node where the volume leads; what no volume holds is nowhere', () => {
    expect(configurationFiles(specOf(volume('/srv/a', '/audit/')))).toEqual([
      { component: 'kube-apiserver', flag: 'audit-policy-file', path: '/srv/a/policy.yaml' },
    ])
    const pki = clusterSpec({
      apiServer: {
        bindPort: 6443,
        certSANs: [],
        extraArgs: { 'encryption-provider-config': '/etc/kubernetes/pki/encryption.yaml' },
        extraVolumes: [],
      },
    })
    expect(configurationFiles(pki).map(({ path }) => path)).toEqual(['/etc/kubernetes/pki/encryption.yaml'])
  })

  it('are those of the innermost mount', () => {
    const spec = specOf(volume('/srv/a', '/audit'))
    const inner = { ...volume('/etc/kubernetes/y/z.yaml', '/audit/policy.yaml'), name: 'two' }
    const apiServer = { ...spec.apiServer, extraVolumes: [...spec.apiServer.extraVolumes, inner] }
    expect(configurationFiles({ ...spec, apiServer }).map(({ path }) => path)).toEqual([
      '/etc/kubernetes/y/z.yaml',
    ])
  })

  it('tell their API versions, of YAML and JSON, of documents in documents, and no comment', async () => {
    const policy = there(
      'policy.yaml',
      `# apiVersion: audit.k8s.io/v1beta1\napiVersion: audit.k8s.io/v1\nkind: Policy\nx:\n  configuration: { 'apiVersion': 'a.b/v1' }\nsecret: of-mine\n`,
    )
    const config = there('config.json', '{"kind":"X","apiVersion":"kubescheduler.config.k8s.io/v1beta3"}')
    const found = await read(specOf(volume(policy, '/audit/policy.yaml'), volume(config, '/config.json')))
    expect(found.map(({ flag, path, apiVersions }) => [flag, path, apiVersions])).toEqual([
      ['audit-policy-file', policy, ['audit.k8s.io/v1', 'a.b/v1']],
      ['config', config, ['kubescheduler.config.k8s.io/v1beta3']],
    ])
  })

  it('are read as they would be written where they have a source', async () => {
    const old = there('old.yaml', 'apiVersion: audit.k8s.io/v1beta1\n')
    const spec = specOf(volume(old, '/audit/policy.yaml', '/home/ops/policy.yaml'))
    const [found] = await read(spec, { '/home/ops/policy.yaml': 'apiVersion: audit.k8s.io/v1\n' })
    expect(found?.apiVersions).toEqual(['audit.k8s.io/v1'])
  })

  it('that cannot be read, or say no API version, are told by name', async () => {
    const empty = there('empty.yaml', 'kind: Policy\n')
    for (const path of [join(directory, 'gone.yaml'), empty])
      await expect(read(specOf(volume(path, '/audit/policy.yaml')))).rejects.toMatchObject({
        message: `${path}, which kube-apiserver reads (--audit-policy-file), cannot be read`,
      })
  })
})

describe('The check RemovedConfigurations', () => {
  const file = { component: 'kube-scheduler', flag: 'config', path: '/srv/config.yaml' } as const
  const run = (hop: readonly [string, string], apiVersion: string): string[] => {
    const configurations = new Map([['cp1', { found: [{ ...file, apiVersions: [apiVersion] }] }]])
    const view = viewOf(hop, { looks: { configurations } })
    return upgradeChecks
      .filter(({ name }) => name === 'RemovedConfigurations')
      .flatMap((check) => check.run(view).map(({ host, severity, what }) => `${host} ${severity}: ${what}`))
  }

  it.each([
    ['1.22', '1.23', 'kubescheduler.config.k8s.io/v1beta1'],
    ['1.23', '1.24', 'audit.k8s.io/v1beta1'],
    ['1.27', '1.28', 'kubescheduler.config.k8s.io/v1beta2'],
    ['1.28', '1.29', 'kubescheduler.config.k8s.io/v1beta3'],
  ])('refuses %s to %s with %s, and every later one', (from, to, version) => {
    expect(run([from, to], version)).toEqual([
      `cp1 error: /srv/config.yaml, which kube-scheduler reads (--config), is written in ${version}; from Kubernetes ${to} on it does not start with it`,
    ])
    expect(run(['1.35', '1.36'], version)).toHaveLength(1)
    expect(run(['1.20', '1.21'], version)).toEqual([])
    expect(run([from, to], 'kubescheduler.config.k8s.io/v1')).toEqual([])
  })

  it('is an error where they could not be looked at', () => {
    const configurations = new Map([['cp1', { couldNot: 'could not check configuration files: no answer' }]])
    const found = upgradeChecks.flatMap(({ run }) =>
      run(viewOf(['1.35', '1.36'], { looks: { configurations } })),
    )
    expect(found).toMatchObject([
      { host: 'cp1', severity: 'error', what: 'could not check configuration files: no answer' },
    ])
  })
})
