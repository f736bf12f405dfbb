import { homedir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { known } from '../../src/catalog.js'
import { loadInventory } from '../../src/inventory/load.js'
import type { ClusterSpec, HostSpec } from '../../src/inventory/spec.js'
import { releaseFor } from '../../src/kubernetes/releases/index.js'
import { Secret } from '../../src/lib/secret.js'
import { kubeletCertificate } from '../../src/pki/certificates.js'
import { agedFiles, daysLeft } from '../support/aged-certificates.js'
import { forged } from '../support/certificates.js'
import { expectThreePlanes, threePlanes } from '../support/control-planes.js'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { answerOf, cp1, cp2, cp3, kubestrap, on, w1, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()
const planes = [cp1, cp2, cp3]
const dayMs = 86_400_000

// Three control planes and a worker whose certificates come to their end: npx vitest run --project by-hand aged
describe.skipIf(reason !== undefined)(`years later${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let file = ''

  beforeAll(async () => {
    file = threePlanes()
    await startLab(file)
    await upChanged(file, '--no-verify')
  })
  afterAll(() => kubestrap('lab', 'down', '-i', file))

  const hostOf = async (name: string): Promise<{ spec: ClusterSpec; host: HostSpec }> => {
    const spec = await loadInventory(file, homedir(), known)
    const host = spec.hosts.find((one) => one.name === name)
    if (!host) throw new Error(`no host ${name}`)
    return { spec, host }
  }
  /** Puts certificates that end in so many days in the place of what a control plane has, and has them read. */
  const age = async (name: string, days: number, only: (path: string) => boolean): Promise<string[]> => {
    const { spec, host } = await hostOf(name)
    const read = (path: string): Promise<string> => on(name, `cat ${path}`)
    const files = await agedFiles({ spec, host, release: releaseFor(spec.version) }, read, days)
    const put = [...files].filter(([path]) => only(path))
    for (const [path, text] of put)
      await on(name, `echo ${Buffer.from(text).toString('base64')} | base64 -d >${path}`)
    await on(name, 'kill -9 $(pgrep -x kube-apiserver)')
    return put.map(([path]) => path).filter((path) => !path.endsWith('.key'))
  }
  const left = async (name: string, paths: readonly string[]): Promise<number[]> =>
    Promise.all(paths.map(async (path) => daysLeft(await on(name, `cat ${path}`))))
  const untilAnswers = (name: string): Promise<void> =>
    expect
      .poll(
        async () =>
          (
            await answerOf(
              name,
              'kubectl --kubeconfig /etc/kubernetes/controller-manager.conf get --raw /readyz',
            )
          ).stdout,
        { timeout: 120_000 },
      )
      .toBe('ok')

  test('ten days before their end status and plan say so; up renews all, one control plane after the other', async () => {
    const aged = new Map<string, string[]>()
    for (const name of planes) {
      aged.set(name, await age(name, 10, () => true))
      await untilAnswers(name)
    }
    const status = await kubestrap('status', '-i', file)
    process.stderr.write(status.stdout)
    expect(status.stdout).toMatch(/renew/)
    const plan = await kubestrap('plan', '-i', file, '--detailed-exitcode')
    expect([plan.code, plan.stdout]).toEqual([10, expect.stringMatching(/renew.*apiserver\.crt/)])
    const began = Date.now()
    const changed = await upChanged(file, '--no-verify', '--yes')
    process.stderr.write(
      `renewed ${changed.filter((key) => /certificate:|kubeconfig:/.test(key)).length} in ${Date.now() - began} ms\n`,
    )
    for (const name of planes)
      expect(await left(name, aged.get(name) ?? [])).toEqual((aged.get(name) ?? []).map(() => 365))
    await expectThreePlanes(file)
    expect(await upChanged(file, '--no-verify', '--yes')).toEqual([])
  })

  test('admin.conf and apiserver.crt of all have expired: one up, and the cluster is whole', async () => {
    for (const name of planes) await age(name, -1, (path) => /admin\.conf|apiserver\.(crt|key)/.test(path))
    const status = await kubestrap('status', '-i', file)
    process.stderr.write(status.stdout + status.stderr)
    expectCode(status, 7)
    const began = Date.now()
    await upChanged(file, '--no-verify', '--yes')
    process.stderr.write(`healed in ${Date.now() - began} ms\n`)
    await expectThreePlanes(file)
    expect(await upChanged(file, '--no-verify', '--yes')).toEqual([])
  })

  test('a worker whose kubelet was off until its certificate expired joins again', async () => {
    const { spec, host } = await hostOf(w1)
    const authority = {
      certificate: await on(cp1, 'cat /etc/kubernetes/pki/ca.crt'),
      key: new Secret(await on(cp1, 'cat /etc/kubernetes/pki/ca.key')),
    }
    const content = { notBefore: new Date(Date.now() - 366 * dayMs), notAfter: new Date(Date.now() - dayMs) }
    const made = forged(kubeletCertificate(host, releaseFor(spec.version)), authority, new Date(), {
      content,
    })
    const pem = Buffer.from(`${made.certificate}${made.key.reveal()}`).toString('base64')
    await on(
      w1,
      `systemctl stop kubelet; f=$(readlink -f /var/lib/kubelet/pki/kubelet-client-current.pem); echo ${pem} | base64 -d >$f`,
    )
    const changed = await upChanged(file, '--no-verify', '--yes')
    expect(changed).toContain(`${w1}/join`)
    await expectThreePlanes(file)
    expect(await upChanged(file, '--no-verify', '--yes')).toEqual([])
  })
})
