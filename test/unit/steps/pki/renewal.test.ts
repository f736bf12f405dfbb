import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { kubeVip } from '../../../../src/balancers/kube-vip/kube-vip.js'
import type { Context } from '../../../../src/cluster/context.js'
import { Keyring } from '../../../../src/cluster/pki/keyring.js'
import { effectWords } from '../../../../src/engine/effect.js'
import type { Change, Step } from '../../../../src/engine/step.js'
import { etcdUnit, etcdUnitFile } from '../../../../src/kubernetes/etcd/unit.js'
import { Secret } from '../../../../src/lib/secret.js'
import { kubeconfigs } from '../../../../src/phases/kubeconfigs.js'
import { staticPods } from '../../../../src/phases/static-pods.js'
import { type Authorities, createAuthorities } from '../../../../src/pki/authorities.js'
import { keyFits } from '../../../../src/pki/authority-problem.js'
import { certificateTree } from '../../../../src/pki/certificates.js'
import { buildKubeconfig } from '../../../../src/pki/kubeconfig.js'
import { kubeconfigTree } from '../../../../src/pki/kubeconfigs.js'
import { certificateStep } from '../../../../src/steps/pki/certificate-step.js'
import { applyNow, lookAt, unseen } from '../../../support/apply-now.js'
import { aged } from '../../../support/certificates.js'
import { contextOf, machine } from '../../../support/context.js'
import { type FileHost, fileHost } from '../../../support/file-host.js'

const now = new Date()
const pki = '/etc/kubernetes/pki'
const manifest = (name: string): string => `/etc/kubernetes/manifests/${name}.yaml`

let authorities: Authorities
beforeAll(async () => {
  authorities = await createAuthorities({ etcd: true, now, random: randomBytes })
})

function contextWith(one: FileHost, over: Partial<Context> = {}): Context {
  const context = contextOf([one.machine], { random: randomBytes, now: () => now, ...over })
  context.authorities.set(new Keyring(authorities, one.machine.host))
  return context
}

const changesOf = async (step: Step): Promise<readonly Change[]> => step.diff(await step.probe())

/** The step of apiserver.crt on a control plane with a certificate of so many days. */
function apiServer(daysLeft: number, more: Readonly<Record<string, string>> = {}) {
  const one = machine()
  const spec = certificateTree(contextOf([one]).spec, one.spec, one.release.wanted)[0]
  if (!spec) throw new Error('no certificates')
  const { certificate, key } = aged(spec, authorities.kubernetes, now, daysLeft)
  const found = fileHost(one, {
    [`${pki}/apiserver.crt`]: certificate,
    [`${pki}/apiserver.key`]: key.reveal(),
    ...more,
  })
  return { ...found, step: certificateStep(contextWith(found), found.machine, spec, []) }
}

describe("The API server's certificate", () => {
  test('is left alone with 100 days to go', async () => {
    expect(await changesOf(apiServer(100).step as Step)).toEqual([])
  })

  test.each([
    [10, /^expires on .+, in (10d|9d 23h)$/],
    [-2, /^expired on /],
  ])('is renewed with %i days to go, and the plan says why, and what restarts', async (days, why) => {
    const { step } = apiServer(days, { [manifest('kube-apiserver')]: 'kind: Pod' })
    expect(await changesOf(step as Step)).toEqual([
      {
        kind: 'renew',
        summary: 'renew /etc/kubernetes/pki/apiserver.crt',
        diff: expect.stringMatching(why),
        effects: [{ kind: 'recreate', of: 'static-pod', name: 'kube-apiserver' }],
      },
    ])
  })

  test('is a pair at every moment, and none beside it is left', async () => {
    const { step, files, done } = apiServer(10)
    const changes = await changesOf(step as Step)
    await step.apply(changes, unseen)
    expect(done).toEqual([
      'write /etc/kubernetes/pki/apiserver.key.kubestrap-new',
      'write /etc/kubernetes/pki/apiserver.crt.kubestrap-new',
      expect.stringMatching(/^put .*apiserver\.crt and its key in place/),
    ])
    const key = new Secret(files.get(`${pki}/apiserver.key`) ?? '')
    expect(keyFits(files.get(`${pki}/apiserver.crt`) ?? '', key)).toBe(true)
    expect([...files.keys()].filter((path) => path.endsWith('-new'))).toEqual([])
    expect(await changesOf(step as Step)).toEqual([])
  })

  test('that is missing restarts the API server that is there, and nothing where there is none yet', async () => {
    const { step, files } = apiServer(100, { [manifest('kube-apiserver')]: 'kind: Pod' })
    files.delete(`${pki}/apiserver.crt`)
    expect(await changesOf(step as Step)).toEqual([
      {
        kind: 'create',
        summary: 'issue /etc/kubernetes/pki/apiserver.crt',
        effects: [{ kind: 'recreate', of: 'static-pod', name: 'kube-apiserver' }],
      },
    ])
    files.delete(manifest('kube-apiserver'))
    expect(await changesOf(step as Step)).toEqual([
      { kind: 'create', summary: 'issue /etc/kubernetes/pki/apiserver.crt' },
    ])
  })

  test('of which only the key is missing is swapped as a pair, never written over', async () => {
    const { step, files, done } = apiServer(100)
    files.delete(`${pki}/apiserver.key`)
    await step.apply(await changesOf(step as Step), unseen)
    expect(done.at(-1)).toMatch(/in place/)
  })
})

describe('A certificate that a unit reads', () => {
  test('restarts it where it is', async () => {
    const { machine: host } = apiServer(10, { [etcdUnitFile]: '[Unit]' })
    const found = { machine: host, files: new Map(), done: [] }
    const context = contextWith(found)
    const spec = certificateTree(context.spec, host.spec, host.release.wanted)[0]
    if (!spec) throw new Error('no certificates')
    const step = certificateStep(context, host, spec, [], [etcdUnit])
    expect((await changesOf(step as Step))[0]?.effects).toEqual([
      { kind: 'restart', of: 'unit', name: etcdUnit },
    ])
  })
})

describe('Kubeconfigs', () => {
  /** A control plane with every kubeconfig, of so many days. */
  function withKubeconfigs(daysLeft: number, over: Partial<Context> = {}) {
    const one = machine({ roles: ['control-plane', 'load-balancer'] })
    const { spec } = contextOf([one])
    const texts = kubeconfigTree(spec, one.spec, one.release.wanted).map((wanted) => {
      const { certificate, key } = aged(wanted.certificate, authorities.kubernetes, now, daysLeft)
      const ca = authorities.kubernetes.signer.certificate
      const { server, user } = wanted
      const text = buildKubeconfig({ clusterName: 'kubernetes', server, ca, user, certificate, key })
      return [`/etc/kubernetes/${wanted.file}`, text.reveal()] as const
    })
    const manifests = ['kube-controller-manager', 'kube-scheduler', 'kube-vip'].map(
      (name) => [manifest(name), 'kind: Pod'] as const,
    )
    const found = fileHost(one, Object.fromEntries([...texts, ...manifests]))
    return contextWith(found, over)
  }
  const planOf = async (context: Context): Promise<[string, string[]][]> =>
    (await Promise.all(kubeconfigs.steps(context).map(changesOf)))
      .flat()
      .map(({ summary, effects = [] }) => [summary, effects.map(effectWords)])

  test('are left alone with 100 days to go', async () => {
    expect(await planOf(withKubeconfigs(100))).toEqual([])
  })

  test.each([10, -2])('are renewed with %i days to go, with what reads them', async (days) => {
    expect(await planOf(withKubeconfigs(days))).toEqual([
      ['renew /etc/kubernetes/admin.conf', []],
      ['renew /etc/kubernetes/controller-manager.conf', ['recreates Pod kube-controller-manager']],
      ['renew /etc/kubernetes/scheduler.conf', ['recreates Pod kube-scheduler']],
    ])
  })

  test('in which something else differs keep a certificate that is good, and its key', async () => {
    for (const [days, kept] of [
      [100, true],
      [10, false],
    ] as const) {
      const context = withKubeconfigs(days)
      const { host } = context.machines[0] ?? machine()
      const path = '/etc/kubernetes/scheduler.conf'
      const read = async (): Promise<string> => {
        const state = await host.stat(path, { content: true })
        return state.kind === 'file' ? (state.content?.toString() ?? '') : ''
      }
      const whole = await read()
      await host.write({
        path,
        content: whole.replace(/server: .*/, 'server: https://former:6443'),
        mode: '0600',
      })
      const step = kubeconfigs.steps(context).find(({ id }) => id.endsWith('scheduler.conf'))
      if (!step) throw new Error('no step')
      expect(await applyNow(step)).toMatchObject([{ kind: 'renew' }])
      const certificateIn = (text: string): string | undefined =>
        /client-certificate-data: (.*)/.exec(text)?.[1]
      expect(certificateIn(await read()) === certificateIn(whole)).toBe(kept)
      expect((await lookAt(step)).changes).toEqual([])
    }
  })

  test('that kube-vip reads restart it, one after the other', async () => {
    const context = withKubeconfigs(10, { balancer: kubeVip })
    expect(await planOf(context)).toContainEqual([
      'renew /etc/kubernetes/admin.conf',
      ['recreates Pod kube-vip'],
    ])
    const step = staticPods.steps(context).find(({ id }) => id === 'static-pod:kube-vip')
    expect(step?.disrupts?.([{ kind: 'restart' }])).toBe('balancer')
  })
})
