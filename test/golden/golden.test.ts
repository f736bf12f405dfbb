import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { etcdOf } from '../../src/inventory/etcd-to-spec.js'
import type { ClusterSpec } from '../../src/inventory/spec.js'
import { nodeMarks } from '../../src/kubernetes/config/node-marks.js'
import { releaseFor } from '../../src/kubernetes/releases/index.js'
import { clusterSpec, hostSpec } from '../support/spec.js'
import { type DryRun, isJson, parseDryRun } from './api-objects.js'
import { builtFiles, builtObjects } from './built.js'
import { normalise } from './certificate-text.js'
import { compare, compareText, covers, type Found } from './compare.js'
import { differences } from './differences.js'

const data = new URL('data/', import.meta.url).pathname

/** Every version that was captured, with what kubeadm was given. */
const versions = readdirSync(data)
  .flatMap((name) => /^v(.*)-stacked$/.exec(name)?.[1] ?? [])
  .map((version) => {
    const given = readFileSync(join(data, `v${version}-stacked`, 'config.yaml'), 'utf8')
    const criSocket = /criSocket: "?([^\s",}]+)/.exec(given)?.[1] ?? ''
    return { version, runtime: criSocket.includes('dockershim') ? 'docker' : 'containerd', criSocket }
  })
const cases = versions.flatMap((of) =>
  (['stacked', 'external'] as const).map((etcd) => ({ ...of, etcd, name: `v${of.version}-${etcd}` })),
)

const external = {
  endpoints: ['https://10.88.0.31:2379', 'https://10.88.0.32:2379', 'https://10.88.0.33:2379'],
  caFile: '/etc/kubernetes/pki/etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
}

/** The captured config.yaml, as an inventory would say it. */
function specOf({ version, runtime, etcd }: (typeof cases)[number]): ClusterSpec {
  const base = clusterSpec()
  return clusterSpec({
    version,
    minor: version.split('.').slice(0, 2).join('.'),
    runtime,
    apiServer: { ...base.apiServer, certSANs: ['10.88.0.100'] },
    etcd: { ...base.etcd, ...(etcd === 'external' ? { external } : {}) },
  })
}

const dryRun = (name: string): DryRun =>
  parseDryRun(readFileSync(join(data, name, 'api-objects.txt'), 'utf8'))

function capturedOf({ objects }: DryRun): { ca: string; tokenExpiration: Date } {
  const info = objects.get('ConfigMap cluster-info')?.data
  const token = objects.get('Secret bootstrap-token-abcdef')?.data
  if (!isJson(info) || !isJson(token)) throw new Error('no cluster-info or token captured')
  const ca = /certificate-authority-data: (\S+)/.exec(String(info.kubeconfig))?.[1] ?? ''
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
  return { ca: text(ca), tokenExpiration: new Date(text(String(token.expiration))) }
}

async function fileDifferences(of: (typeof cases)[number]): Promise<Found[]> {
  const directory = join(data, of.name, 'files')
  const theirs = new Map(
    readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
  )
  const ours = await builtFiles(specOf(of), releaseFor(of.version), of.criSocket)
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((file) => {
    const same = file.endsWith('.crt.txt') ? normalise : (text: string) => text
    const captured = theirs.get(file)
    return compareText(
      `${of.name}/${file}`,
      ours.get(file),
      captured === undefined ? undefined : same(captured),
    )
  })
}

function objectDifferences(of: (typeof cases)[number]): Found[] {
  const captured = dryRun(of.name)
  const ours = builtObjects(specOf(of), releaseFor(of.version), capturedOf(captured))
  return [...new Set([...ours.keys(), ...captured.objects.keys()])].flatMap((key) => {
    const [our, their] = [ours.get(key), captured.objects.get(key)]
    const path = `${of.name}/api/${key}`
    if (our && their) return compare(`${path}#`, our, their)
    return [{ path, ours: our && 'an object', theirs: their && 'an object' }]
  })
}

/** The same, as an inventory says it whose hosts with the role etcd are that etcd. */
function specOfOwnHosts(of: (typeof cases)[number]): ClusterSpec {
  const members = external.endpoints.map((url, i) =>
    hostSpec({ name: `e${i + 1}`, address: new URL(url).hostname, roles: ['etcd'] }),
  )
  const hosts = [hostSpec(), ...members]
  return { ...specOf({ ...of, etcd: 'stacked' }), hosts, etcd: etcdOf(undefined, hosts, (path) => path) }
}

/** What a control plane has besides: kubeadm leaves it to its user to put it there. */
const etcdClientFiles = ['apiserver-etcd-client.crt.txt', 'etcd-ca.crt.txt']

const openssl = spawnSync('openssl', ['version']).error === undefined
let all: Promise<Found[][]> | undefined

/** Every difference, by case; built once. */
function found(ctx: TestContext): Promise<Found[][]> {
  if (!openssl) ctx.skip('openssl is not installed; it prints certificates here')
  all ??= Promise.all(cases.map(async (of) => [...(await fileDifferences(of)), ...objectDifferences(of)]))
  return all
}

describe('What kubestrap makes, against what a real kubeadm makes', () => {
  it('looks at every version that was captured', () => {
    expect(versions.map(({ version }) => version)).toEqual(
      expect.arrayContaining(['1.20.2', '1.31.14', '1.32.13', '1.33.13', '1.34.9', '1.35.6', '1.36.2']),
    )
  })

  for (const [index, { name }] of cases.entries()) {
    it(`${name}: no difference but the listed ones`, async (ctx) => {
      const ours = (await found(ctx))[index]
      expect(ours?.filter((one) => !differences.some((listed) => covers(listed, one)))).toEqual([])
    })
  }

  for (const listed of differences) {
    it(`the listed difference ${listed.path} is still there`, async (ctx) => {
      expect((await found(ctx)).flat()).toSatisfy((all: Found[]) => all.some((one) => covers(listed, one)))
    })
  }

  it.each(versions)(
    'v$version: hosts with the role etcd make the same as their etcd from outside',
    async (of) => {
      const outside = specOf({ ...of, etcd: 'external', name: '' })
      const own = specOfOwnHosts({ ...of, etcd: 'external', name: '' })
      const release = releaseFor(of.version)
      const files = new Map(await builtFiles(own, release, of.criSocket))
      for (const file of etcdClientFiles) {
        const captured = readFileSync(join(data, `v${of.version}-stacked`, 'files', file), 'utf8')
        expect(files.get(file)?.trimEnd()).toBe(normalise(captured).trimEnd())
        files.delete(file)
      }
      expect(files).toEqual(await builtFiles(outside, release, of.criSocket))
      const captured = capturedOf(dryRun(`v${of.version}-external`))
      expect(builtObjects({ ...own, hosts: outside.hosts }, release, captured)).toEqual(
        builtObjects(outside, release, captured),
      )
    },
  )

  it.each(cases.filter(({ name }) => dryRun(name).nodePatches.length > 0))(
    '$name: nodes get the same marks',
    (of) => {
      const { labels, taints, annotations } = nodeMarks(specOf(of), hostSpec(), releaseFor(of.version), of)
      expect(dryRun(of.name).nodePatches).toEqual([
        { metadata: { annotations } },
        { metadata: { labels }, spec: { taints } },
      ])
    },
  )
})
