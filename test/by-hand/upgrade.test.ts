import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startLab } from '../support/e2e-cluster.js'
import { cp1, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { kubeadmAgrees } from '../support/kubeadm-agrees.js'
import { bundledVersions, todaysLab, took } from '../support/todays-lab.js'

// Upgrades of real components, from each version to the next:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand upgrade
// DIR has a bundle of each version as bundle-1.36.3, of minors that follow one another.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const versions = bundledVersions(releases)
const reason = versions.length < 2 ? 'KUBESTRAP_RELEASES names no directory with two bundles' : whyNot()
const [first = '', ...later] = versions

const nodes = async (): Promise<string[][]> =>
  (
    await on(
      cp1,
      `kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable}{"\\n"}{end}'`,
    )
  )
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '))

describe.skipIf(reason !== undefined)(`an upgrade${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const file = (version: string): string =>
    inventory(`lab-${version}`, (text) => todaysLab(text, { releases, version, network: 'bridge' }), {
      bare: true,
    })

  afterAll(async () => {
    if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', file(first))
  })

  test(`begins with ${first}`, async () => {
    await startLab(file(first))
    const born = await took(`birth of ${first}`, kubestrap('up', '--yes', '-i', file(first), '-o', 'plain'))
    expect(born.code, born.stdout + born.stderr).toBe(0)
  })

  test.each(later)('to %s', async (version) => {
    const plan = await kubestrap('plan', '-i', file(version), '-o', 'plain')
    process.stderr.write(
      `${plan.stdout
        .split('\n')
        .filter((line) => /^[~+-] |^ {2}/.test(line))
        .join('\n')
        .slice(-6000)}\n`,
    )
    expect(plan.code, plan.stdout + plan.stderr).toBe(0)
    const up = await took(`up to ${version}`, kubestrap('up', '--yes', '-i', file(version), '-o', 'plain'))
    process.stderr.write(`${up.stdout.slice(-9000)}\n${up.stderr}\n`)
    expectCode(up, 0)
    expect(await nodes()).toEqual([cp1, w1, w2].map((name) => [name, `v${version}`]))
    const again = await kubestrap('up', '--yes', '-i', file(version), '-o', 'plain')
    expect(again.stdout).toContain('Nothing to change')
    expect(await on(cp1, 'ls -R /var/lib/kubestrap/backups | head -40')).toContain('etcd.db')
    await kubeadmAgrees(cp1, join(releases, `bundle-${version}`), version)
    for (const { code } of [await kubestrap('verify', '-i', file(version))]) expect(code).toBe(0)
  })
})
