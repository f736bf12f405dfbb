import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { withPlanes } from '../support/control-planes.js'
import { startLab } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  cp2,
  cp3,
  inventory,
  kubestrap,
  type MachineName,
  on,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { kubeadmAgrees } from '../support/kubeadm-agrees.js'
import { bring } from '../support/kubeadm-node.js'
import { bundledVersions, hour, todaysLab, took, up } from '../support/todays-lab.js'

// An upgrade of real components that somebody began by hand with the real kubeadm, and left: the first control plane node and a worker
// are new, the second control plane node has its control plane new and its kubelet old, the third is old. `up` makes the rest:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand upgrade-halfway
// DIR has a bundle of each of two versions as bundle-1.36.3, of minors that follow one another, both with kubeadm.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const versions = bundledVersions(releases)
const reason = versions.length < 2 ? 'KUBESTRAP_RELEASES names no directory with two bundles' : whyNot()
const [first = '', second = ''] = versions
const bundle = join(releases, `bundle-${second}`)
const planes = [cp1, cp2, cp3]

/** The lab has control groups of version 1 where its computer does, which kubeadm takes for an error. */
const ignored = '--ignore-preflight-errors=SystemVerification'

const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)

/** What a node gets before its kubeadm is asked: no registry answers here. */
async function prepare(machine: MachineName, images: readonly string[]): Promise<void> {
  await bring(machine, bundle, 'kubeadm')
  for (const name of images)
    await on(machine, 'gunzip | ctr -n k8s.io images import -', join(bundle, 'images', `${name}.tar.gz`))
}

/** As the Kubernetes documentation says of a node whose kubeadm has been run: drain, new programs, restart, uncordon. */
async function newKubelet(machine: MachineName): Promise<void> {
  await kubectl(`drain ${machine} --ignore-daemonsets --delete-emptydir-data --timeout=120s`)
  for (const name of ['kubelet', 'kubectl']) await bring(machine, bundle, name)
  await on(machine, 'systemctl daemon-reload && systemctl restart kubelet')
  await expect
    .poll(
      () => answerOf(cp1, `kubectl get node ${machine} -o jsonpath={.status.nodeInfo.kubeletVersion}`),
      patience,
    )
    .toMatchObject({ stdout: `v${second}` })
  await kubectl(`wait --for=condition=Ready --timeout=120s node/${machine}`)
  await kubectl(`uncordon ${machine}`)
}

const patience = { timeout: 180_000, interval: 1_000 }

/** Of each node: its API server's version ('' on a worker), its kubelet's, and whether it is cordoned. */
async function seen(): Promise<string[]> {
  const [servers, kubelets] = await Promise.all([
    kubectl(
      `-n kube-system get pods -l component=kube-apiserver -o jsonpath='{range .items[*]}{.spec.nodeName} {.spec.containers[0].image}{"\\n"}{end}'`,
    ),
    kubectl(
      `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable}{"\\n"}{end}'`,
    ),
  ])
  const tags = new Map(
    servers
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0], line.replace(/.*:/, '')]),
  )
  return kubelets
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...rest] = line.trim().split(' ')
      return [name, tags.get(name) ?? '', ...rest].join(' ')
    })
}

describe.skipIf(reason !== undefined)(
  `an upgrade that kubeadm began${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const lab = (version: string): string =>
      inventory(
        `halfway-${version}`,
        (text) =>
          withPlanes(todaysLab(text, { releases, version, network: 'bridge' }), [cp2, cp3]).replace(
            `suites: { ${w2}:`,
            `suites: { ${w1}:`,
          ),
        { bare: true },
      )
    const authorities = 'cd /etc/kubernetes/pki && sha256sum ca.key sa.key etcd/ca.key front-proxy-ca.key'
    let keys = ''

    afterAll(async () => {
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab(first))
    })

    test(`begins with ${first}`, { timeout: hour }, async () => {
      await startLab(lab(first))
      const ran = await took(`birth of ${first}`, up(lab(first)))
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      await kubectl('create configmap written --from-literal=before=all')
      keys = await on(cp1, authorities)
    })

    test(`is brought halfway to ${second} by kubeadm`, { timeout: hour }, async () => {
      const control = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
      const every = ['pause', 'kube-proxy', 'coredns']
      await took(
        'kubeadm and images',
        Promise.all([
          ...[cp1, cp2].map((name) => prepare(name, [...control, ...every])),
          ...[w1, cp3].map((name) => prepare(name, every)),
        ]),
      )
      const kubeadm = async (machine: MachineName, args: string): Promise<void> => {
        const ran = await took(`${machine}: kubeadm ${args}`, answerOf(machine, `kubeadm ${args} ${ignored}`))
        expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      }
      await kubeadm(cp1, `upgrade apply v${second} -y`)
      await took(`${cp1}: kubelet`, newKubelet(cp1))
      await kubeadm(cp2, 'upgrade node')
      await kubeadm(w1, 'upgrade node')
      await took(`${w1}: kubelet`, newKubelet(w1))
      await expect
        .poll(seen, patience)
        .toEqual([
          `${cp1} v${second} v${second}`,
          `${cp2} v${second} v${first}`,
          `${cp3} v${first} v${first}`,
          `${w1}  v${second}`,
        ])
    })

    test('is gone on with by up: the same cluster, which kubeadm agrees with', {
      timeout: hour,
    }, async () => {
      const file = lab(second)
      const plan = await kubestrap('upgrade', 'plan', '-i', file)
      process.stderr.write(`${plan.stdout}\n${plan.stderr}\n`)
      expectCode(plan, 0)
      const ran = await took(`up to ${second}`, up(file))
      process.stderr.write(`${ran.stdout.slice(-9000)}\n${ran.stderr}\n`)
      expectCode(ran, 0)
      expect(await seen()).toEqual([
        ...planes.map((name) => `${name} v${second} v${second}`),
        `${w1}  v${second}`,
      ])
      const again = await up(file)
      expect(again.stdout, again.stdout + again.stderr).toContain('Nothing to change')
      const verified = await kubestrap('verify', '-i', file)
      expect(verified.code, verified.stdout + verified.stderr).toBe(0)
      expect(await on(cp3, authorities)).toBe(keys)
      expect(await kubectl('get configmap written -o jsonpath={.data.before}')).toBe('all')
      for (const plane of planes) await kubeadmAgrees(plane, bundle, second)
    })
  },
)
