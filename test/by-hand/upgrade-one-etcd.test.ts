import { afterAll, describe, expect, test } from 'vitest'
import { startLab } from '../support/e2e-cluster.js'
import { cp1, inventory, kubestrap, on, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { bundledVersions, hour, todaysLab, took, up } from '../support/todays-lab.js'

// The only member of etcd becomes one of another minor, with real components:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand upgrade-one-etcd
// DIR has bundles of two minors, as bundle-1.33.13 and bundle-1.34.9, of which the second has an etcd of the next minor, which is
// started with --feature-gates (3.6).
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const [first = '', second = ''] = bundledVersions(releases)
const reason = second === '' ? 'KUBESTRAP_RELEASES names no directory with two bundles' : whyNot()

describe.skipIf(reason !== undefined)(`the only etcd${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const lab = (name: string, version: string, edit: (text: string) => string = (text) => text): string =>
    inventory(
      `one-etcd-${name}`,
      (text) =>
        edit(todaysLab(text, { releases, version, network: 'bridge' }))
          .replace(/^ {2}\S+w[12]: .*\n/gm, '')
          .replace(/^ {2}suites: .*\n/m, ''),
      { bare: true },
    )
  const image = (): Promise<string> =>
    on(cp1, "sed -n 's/.*image: .*etcd:\\([0-9]*\\.[0-9]*\\).*/\\1/p' /etc/kubernetes/manifests/etcd.yaml")
  const kept = (): Promise<string> => on(cp1, 'kubectl get configmap kept -o jsonpath={.data.a}')
  const copies = (): Promise<string> => on(cp1, 'ls /var/lib/kubestrap | grep etcd- || true')
  let old = ''

  afterAll(async () => {
    if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab('old', first))
  })

  test(`of ${first}`, { timeout: hour }, async () => {
    await startLab(lab('old', first))
    const born = await took(`birth of ${first}`, up(lab('old', first), '--no-verify'))
    expect(born.code, born.stdout + born.stderr).toBe(0)
    await on(cp1, 'kubectl create configmap kept --from-literal=a=b')
    old = await image()
  })

  test('runs again on its data as they are, where the new one did not start', { timeout: hour }, async () => {
    const edit = (text: string): string =>
      text.replace(/^network: /m, 'etcd: { extraArgs: { no-such-flag: "1" } }\nnetwork: ')
    const ran = await took('an etcd that does not start', up(lab('flag', second, edit), '--no-verify'))
    expectCode(ran, 6)
    expect(ran.stderr).toContain('the new etcd does not work: the old one runs again\n')
    expect([await image(), await kept(), await copies()]).toEqual([old, 'b', ''])
  })

  test('runs again on the copy, where the new one raised the version of the data and then ended again and again', {
    timeout: hour,
  }, async () => {
    // the first start lives until the version is raised, the others do not
    await on(
      cp1,
      `cat >/run/ending.sh <<'X'
new() { pgrep -f '^etcd .*--feature-gates'; }
until new >/dev/null; do sleep 0.2; done
until grep -q 'updated storage version.*3\\.6' /var/log/pods/kube-system_etcd-*/etcd/*.log; do sleep 0.2; done
until [ -e /run/enough ]; do kill -9 $(new) 2>/dev/null; sleep 0.3; done
X
setsid sh /run/ending.sh >/dev/null 2>&1 &`,
    )
    const ran = await took('an etcd that ends again and again', up(lab('next', second), '--no-verify'))
    await on(cp1, 'touch /run/enough')
    process.stderr.write(`exit ${ran.code}: ${ran.stderr}\n`)
    expectCode(ran, 6)
    expect(ran.stderr).toContain('the old one runs again, on its data from before the change')
    expect([await image(), await kept(), await copies()]).toEqual([old, 'b', 'etcd-failed\n'])
  })

  test(`of ${second}`, { timeout: hour }, async () => {
    // so many ends have put the API server in a back-off of minutes, which a kubelet forgets when it is restarted
    await on(cp1, 'systemctl restart kubelet')
    const ran = await took(`upgrade to ${second}`, up(lab('next', second), '--no-verify'))
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    expect(await image()).not.toBe(old)
    expect(await kept()).toBe('b')
    expect((await up(lab('next', second), '--no-verify')).stdout).toContain('Nothing to change')
  })
})
