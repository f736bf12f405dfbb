import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../../../src/cluster/context.js'
import { buildGraph, restrict } from '../../../../src/engine/graph.js'
import { type Finding, makePlan } from '../../../../src/engine/plan.js'
import { pki } from '../../../../src/phases/pki.js'
import {
  type Authorities,
  createAuthorities,
  createAuthority,
  type Signer,
} from '../../../../src/pki/authorities.js'
import { certificateTree } from '../../../../src/pki/certificates.js'
import { issue } from '../../../../src/pki/issue.js'
import { buildKubeconfig } from '../../../../src/pki/kubeconfig.js'
import { kubeconfigTree } from '../../../../src/pki/kubeconfigs.js'
import { authoritiesStep } from '../../../../src/steps/pki/authorities-step.js'
import { manifestText } from '../../../../src/steps/static-pods/manifest-step.js'
import { up } from '../../../../src/workflows/up.js'
import { lookAt, quietly } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { type FakeHost, fakeHost } from '../../../support/fake-host.js'

// as "Manual Rotation of CA Certificates" of the Kubernetes documentation begins: the new CA and its key are distributed,
// and what both CAs signed is trusted

const now = new Date('2026-11-21T12:00:00Z')
const how = { now, random: randomBytes }
const pkiPath = '/etc/kubernetes/pki'

let made: Authorities
let leaves: Record<string, string> = {}
let [old, fresh, third]: Signer[] = []
beforeAll(async () => {
  made = await createAuthorities({ ...how, etcd: true })
  const others = await Promise.all([createAuthority('kubernetes', how), createAuthority('kubernetes', how)])
  ;[old, fresh, third] = [made.kubernetes, ...others].map(({ signer }) => signer)
  leaves = await signedByOld()
}, 120_000)

type Name = 'old' | 'fresh' | 'third'
const signer = (name: Name): Required<Signer> => {
  const found = { old, fresh, third }[name]
  if (!found?.key) throw new Error('no key')
  return { certificate: found.certificate, key: found.key }
}
const pem = (...names: Name[]): string => names.map((name) => signer(name).certificate).join('')

const first = machine({ name: 'cp1', address: '10.88.0.15' })

/** What the old CA has signed on the first control plane; keys take their time to be made. */
async function signedByOld(): Promise<Record<string, string>> {
  const { spec } = contextOf([first])
  const release = first.release.wanted
  const files: Record<string, string> = {}
  for (const leaf of certificateTree(spec, first.spec, release)) {
    const by = made[leaf.signer]?.signer
    if (!by) throw new Error('no signer')
    const pair = await issue(leaf, by, how)
    files[`${pkiPath}/${leaf.file}.crt`] = pair.certificate
    files[`${pkiPath}/${leaf.file}.key`] = pair.key.reveal()
  }
  for (const { file, certificate, ...config } of kubeconfigTree(spec, first.spec, release))
    files[`/etc/kubernetes/${file}`] = buildKubeconfig({
      clusterName: spec.clusterName,
      ca: pem('old'),
      ...config,
      ...(await issue(certificate, signer('old'), how)),
    }).reveal()
  return files
}

/** A control plane with this ca.crt and ca.key. */
function plane(name: string, trusted: readonly Name[], key: Name) {
  const one = name === 'cp1' ? first : machine({ name, address: '10.88.0.16' })
  const files: Record<string, string> = {
    ...(name === 'cp1' ? leaves : {}),
    [`${pkiPath}/ca.crt`]: pem(...trusted),
    [`${pkiPath}/ca.key`]: signer(key).key.reveal(),
    [`${pkiPath}/front-proxy-ca.crt`]: made.frontProxy.signer.certificate,
    [`${pkiPath}/front-proxy-ca.key`]: made.frontProxy.signer.key?.reveal() ?? '',
    [`${pkiPath}/etcd/ca.crt`]: made.etcd?.signer.certificate ?? '',
    [`${pkiPath}/etcd/ca.key`]: made.etcd?.signer.key?.reveal() ?? '',
    [`${pkiPath}/sa.pub`]: made.serviceAccount.publicKey,
    [`${pkiPath}/sa.key`]: made.serviceAccount.key?.reveal() ?? '',
  }
  return { ...one, host: host(name, files) }
}

function host(name: string, files: Record<string, string>): FakeHost {
  return fakeHost(name, {
    files,
    answer: ({ script, args = [] }) => {
      const text = script.startsWith('cat ') ? files[args[0] ?? ''] : 'ca.crt'
      return text === undefined ? { code: 1, stderr: 'No such file' } : { stdout: Buffer.from(text) }
    },
  })
}

function worker(...trusted: Name[]) {
  const one = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })
  return {
    ...one,
    host: host('w1', { [`${pkiPath}/ca.crt`]: pem(...trusted), '/etc/kubernetes/kubelet.conf': 'x' }),
  }
}

const contextWith = (machines: Parameters<typeof contextOf>[0]): Context =>
  contextOf(machines, { now: () => now })

/** Steps that would change something; modes do not count, which the hosts in memory do not keep. */
async function plan(context: Context): Promise<Map<string, Finding>> {
  const graph = buildGraph(up.phases, context)
  const part = restrict(graph, ({ phase }) => ['pki', 'kubeconfigs', 'join'].includes(phase))
  const found = await makePlan(part)
  const changes = [...found].filter(
    ([key, one]) =>
      (one.kind === 'failed' && !key.startsWith('cluster/')) ||
      (one.kind === 'differs' && one.changes.some(({ kind }) => kind !== 'access')),
  )
  return new Map(changes)
}

describe('a cluster whose ca.crt has two certificates', () => {
  test('is one cluster: nothing of it is made anew, and what clients verify servers by gets both', async () => {
    const [cp1, cp2, w1] = [
      plane('cp1', ['old', 'fresh'], 'fresh'),
      plane('cp2', ['old', 'fresh'], 'fresh'),
      worker('old'),
    ]
    const context = contextWith([cp1, cp2, w1])
    const found = await plan(context)
    expect(
      [...found.keys()].filter(
        (key) => !/kubeconfig:|ca-signing|cp2.certificate:|w1.(join|service)/.test(key),
      ),
    ).toEqual([`w1/file:${pkiPath}/ca.crt`])
    expect([...found.keys()].filter((key) => key.includes('cp1/kubeconfig:'))).toHaveLength(3)
    const keyring = context.authorities.get()
    expect(keyring.bundle('kubernetes')).toBe(pem('old', 'fresh'))
    expect((await keyring.signer('kubernetes')).certificate).toBe(pem('fresh'))
    expect([cp1, cp2].flatMap(({ host: { done } }) => done)).toEqual([])
  })

  test('has a controller manager that signs with the certificate of its key alone', async () => {
    const cp1 = plane('cp1', ['old', 'fresh'], 'fresh')
    const context = contextWith([cp1])
    expect(manifestText(context, cp1, 'kube-controller-manager')).toContain(`cert-file=${pkiPath}/ca.crt`)
    const step = buildGraph([pki], context).nodes.find(({ key }) => key.endsWith('ca-signing.crt'))?.step
    await plan(context)
    if (!step) throw new Error('no step')
    const { observed, changes } = await lookAt(step)
    await step.apply(changes, quietly(observed))
    expect(cp1.host.files.get(`${pkiPath}/ca-signing.crt`)).toBe(pem('fresh'))
    expect(manifestText(context, cp1, 'kube-controller-manager')).toContain(
      `--cluster-signing-cert-file=${pkiPath}/ca-signing.crt`,
    )
  })

  test('is signed for by a CA that every control plane trusts, while the new one is not everywhere', async () => {
    const [cp1, cp2] = [plane('cp1', ['fresh', 'old'], 'fresh'), plane('cp2', ['old'], 'old')]
    const context = contextWith([cp1, cp2])
    const found = await plan(context)
    expect([...found.keys()].filter((key) => key.endsWith('authorities'))).toEqual([])
    const keyring = context.authorities.get()
    expect(keyring.owner.name).toBe('cp2')
    expect(keyring.bundle('kubernetes')).toBe(pem('old', 'fresh'))
    expect((await keyring.signer('kubernetes')).certificate).toBe(pem('old'))
    // each signs with the certificate of its own key
    expect([keyring.signingCertificate('cp1'), keyring.signingCertificate('cp2')]).toEqual([
      pem('fresh'),
      undefined,
    ])
  })

  test('is refused where nobody signs with a CA that all of them trust, or a key fits none', async () => {
    const diff = async (...machines: Parameters<typeof contextOf>[0]) => {
      const [first] = machines
      if (!first) throw new Error('no machine')
      return lookAt(authoritiesStep(contextWith(machines), first))
    }
    await expect(
      diff(plane('cp1', ['fresh'], 'fresh'), plane('cp2', ['old'], 'old'), worker('old', 'fresh')),
    ).rejects.toMatchObject({
      message: 'no control plane node signs with a CA that all of them trust',
      why: expect.stringContaining(
        `cp2: ${pkiPath}/ca.crt does not have the certificate of ${pkiPath}/ca.key on cp1`,
      ),
    })
    await expect(diff(plane('cp1', ['old', 'fresh'], 'third'))).rejects.toMatchObject({
      why: `cp1: ${pkiPath}/ca.key fits no certificate in ${pkiPath}/ca.crt`,
    })
    await expect(diff(plane('cp1', ['old', 'fresh'], 'fresh'), worker('third'))).rejects.toThrow(
      'w1 belongs to another cluster',
    )
  })

  test('a worker that trusts more than the control planes keeps what it has', async () => {
    const cp1 = plane('cp1', ['old'], 'old')
    for (const [trusted, written] of [
      [['fresh', 'old'], false],
      [['old'], false],
    ] as [Name[], boolean][]) {
      const found = await plan(contextWith([cp1, worker(...trusted)]))
      expect(found.has(`w1/file:${pkiPath}/ca.crt`)).toBe(written)
    }
  })

  test('of one certificate nothing is other than it was, down to the text around it', async () => {
    const cp1 = plane('cp1', ['old'], 'old')
    const text = `CN=kubernetes\n${pem('old')}\n`
    cp1.host.files.set(`${pkiPath}/ca.crt`, text)
    const context = contextWith([cp1])
    expect([...(await plan(context)).keys()]).toEqual([])
    expect(context.authorities.get().bundle('kubernetes')).toBe(text)
    expect(context.authorities.get().signingCertificate('cp1')).toBeUndefined()
  })
})
