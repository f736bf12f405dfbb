import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab } from '../support/e2e-cluster.js'
import { cp1, inventory, kubestrap, on, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

// The conformance suite of Kubernetes itself, against a lab of the same version:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand conformance
// DIR has bundle-1.36.3 (see releases.test.ts) and e2e-1.36.3/e2e.test, of the release or built from its sources.
// KUBESTRAP_CONFORMANCE=full runs every spec (about 2 h); the nodes must reach registry.k8s.io then.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const versions = releases
  ? readdirSync(releases)
      .flatMap((name) => /^e2e-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])
      .filter((version) => existsSync(join(releases, `e2e-${version}`, 'e2e.test')))
      .filter((version) => existsSync(join(releases, `bundle-${version}`)))
  : []
const reason =
  versions.length === 0 ? 'KUBESTRAP_RELEASES names no directory with e2e-VERSION/e2e.test' : whyNot()

/** The lab's text for this version: containerd, bridge, CoreDNS; the second worker is a Debian 13. */
const today = (text: string, version: string): string =>
  text
    .replace('"1.20.2"', `"${version}"`)
    .replace('runtime: docker\n', '')
    .replace(/^dns:\n.*\n/m, '')
    .replace(/^etcd:\n.*\n/m, 'kubelet: { config: { failCgroupV1: false } }\n')
    .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
    .replace(/bundle: .*/, `bundle: ${join(releases, `bundle-${version}`)}`)
    .concat(`  suites: { ${w2}: trixie }\n`)

describe.skipIf(reason !== undefined).each(versions.length > 0 ? versions : ['none'])(
  `the conformance suite of Kubernetes %s${reason ? ` (skipped: ${reason})` : ''}`,
  (version) => {
    const reports = mkdtempSync(join(tmpdir(), 'ks-conformance-'))
    const suite = ['--e2e-test', join(releases, `e2e-${version}`, 'e2e.test')]
    let lab = ''
    beforeAll(async () => {
      lab = inventory(`conformance-${version}`, (text) => today(text, version), { bare: true })
      await startLab(lab)
      const ran = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')
      expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0)
    })
    afterAll(async () => {
      rmSync(reports, { recursive: true, force: true })
      if (lab) await kubestrap('lab', 'down', '-i', lab)
    })
    const namespacesLeft = async (): Promise<string> =>
      on(cp1, 'kubectl --kubeconfig /etc/kubernetes/admin.conf get namespaces -l e2e-run -o name')

    test('quick: its one spec passes, and nothing is left', async () => {
      const report = join(reports, 'quick')
      const ran = await kubestrap('verify', '-i', lab, '--conformance', '--report', report, ...suite)
      expect(ran.code, `${ran.stdout}\n${ran.stderr}\n${readFileSync(join(report, 'e2e.log'), 'utf8')}`).toBe(
        0,
      )
      expect(ran.stdout).toContain('conformance suite (quick): 1 passed, 0 failed')
      expect(readdirSync(report).sort()).toEqual(expect.arrayContaining(['e2e.log', 'junit_01.xml']))
      await expect.poll(namespacesLeft, { timeout: 60_000 }).toBe('')
    })

    test('its specs are listed', async () => {
      const ran = await kubestrap('verify', '-i', lab, '--conformance=full', '--list-specs', ...suite)
      expectCode(ran, 0)
      expect(ran.stdout).toContain('Pods should be submitted and removed [NodeConformance] [Conformance]')
      expect(Number(/^(\d+) specs$/m.exec(ran.stdout)?.[1])).toBeGreaterThan(300)
    })

    test('full, interrupted: ends within two minutes with 130, and its namespaces go', async () => {
      const report = join(reports, 'cut')
      const args = [
        'bin/kubestrap.js',
        'verify',
        '-i',
        lab,
        '--conformance=full',
        '--report',
        report,
        ...suite,
      ]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      let text = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
      await expect.poll(namespacesLeft, { timeout: 120_000 }).not.toBe('')
      const began = Date.now()
      child.kill('SIGINT')
      expect([await ended, text]).toEqual([130, expect.stringContaining('the suite was cut')])
      expect(Date.now() - began).toBeLessThan(120_000)
      await expect.poll(namespacesLeft, { timeout: 120_000 }).toBe('')
    })

    test.skipIf(process.env.KUBESTRAP_CONFORMANCE !== 'full')(
      'full: every spec passes',
      { timeout: 4 * 3_600_000 },
      async () => {
        const report = join(reports, 'full')
        const ran = await kubestrap('verify', '-i', lab, '--conformance=full', '--report', report, ...suite)
        expectCode(ran, 0)
      },
    )
  },
)
