import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, openBundle } from '../../src/bundle/bundle.js'
import { answerOf, cp1, directory, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { cutOff, type ServedBundle, serveBundle } from '../support/served-bundle.js'

// A bundle of real programs and images, created from a site and a registry of this computer, and a cluster from it on
// machines that have no way out:
//   KUBESTRAP_RELEASE=DIR/bundle-1.36.3 npx vitest run --project by-hand bundle
const source = process.env.KUBESTRAP_RELEASE ?? ''
const reason = source === '' ? 'KUBESTRAP_RELEASE names no bundle' : whyNot()
const packages =
  'containerd, containernetworking-plugins, conntrack, ebtables, ethtool, iptables, nftables, socat, ipset, ipvsadm, curl'

describe.skipIf(reason !== undefined)(
  `a bundle that is created${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let served: ServedBundle
    let file: string
    let real: Bundle
    const created = join(directory, 'created')
    beforeAll(async () => {
      served = await serveBundle(source, directory)
      real = served.real
      const version = real.manifest.kubernetesVersion
      file = inventory(
        'bundle',
        (text) =>
          `${text
            .replace('"1.20.2"', `"${version}"`)
            .replace('runtime: docker\n', '')
            .replace('network: bridge', '')
            .replace(/^dns:\n.*\n/m, '')
            .replace(/^etcd:\n.*\n/m, 'kubelet: { config: { failCgroupV1: false } }\n')
            .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
            .replace(/^verify:\n.*\n/m, '')
            .replace(/bundle: .*/, `bundle: ${created}`)
            .replace(new RegExp(`^  ${w2}:.*\n`, 'm'), '')}  packages: [${packages}]
verify: { image: ${real.manifest.images.find(({ needs }) => needs === 'verify')?.reference} }
${served.keys}`,
        { bare: true },
      )
      if (process.env.KUBESTRAP_KEEP === undefined) {
        rmSync(created, { recursive: true, force: true })
        rmSync(`${created}.part`, { recursive: true, force: true })
      }
    }, 600_000)
    afterAll(async () => {
      await served?.close()
      if (process.env.KUBESTRAP_KEEP === undefined) await kubestrap('lab', 'down', '-i', file)
    }, 600_000)

    test('has the images that were served, by their ids, and verifies', async () => {
      const began = Date.now()
      const made = await kubestrap('bundle', 'create', '-i', file)
      process.stderr.write(`${made.stderr}${made.stdout}\nbundle create: ${(Date.now() - began) / 1000} s\n`)
      expectCode(made, 0)
      const bundle = await openBundle(created)
      const ids = (of: Bundle) =>
        of.manifest.images.map(({ reference, id, needs }) => [reference, id, needs].join(' '))
      expect(ids(bundle).sort()).toEqual(ids(real).sort())
      for (const { name, sha256 } of bundle.manifest.binaries)
        expect(real.binary(name, 'amd64').sha256).toBe(sha256)
      const verified = await kubestrap('bundle', 'verify', created)
      process.stderr.write(verified.stdout + verified.stderr)
      expectCode(verified, 0)
      const again = await kubestrap('bundle', 'create', '-i', file)
      expect(again.stderr).toContain('nothing was changed')
      expectCode(again, 0)
      expect(existsSync(`${created}.part`)).toBe(false)
      const pinned = readFileSync(file, 'utf8').replace(
        `bundle: ${created}`,
        `bundle: ${created}\n  sha256: "${bundle.sha256}"`,
      )
      writeFileSync(file, pinned)
      const named = await kubestrap('bundle', 'verify', '-i', file)
      expect(named.stdout).toContain('as the inventory names it')
    }, 900_000)

    test('makes a cluster of machines that have no way out', async () => {
      await kubestrap('lab', 'down', '-i', file)
      const lab = await kubestrap('lab', 'up', '-i', file)
      expectCode(lab, 0)
      for (const machine of [cp1, w1]) {
        await cutOff(machine)
        const out = await answerOf(machine, 'timeout 3 bash -c "</dev/tcp/1.1.1.1/443"; echo $?')
        expect(out.stdout.trim()).toBe('124')
      }
      const began = Date.now()
      const up = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      process.stderr.write(`${up.stdout.slice(-3000)}${up.stderr}\nup: ${(Date.now() - began) / 1000} s\n`)
      expectCode(up, 0)
      const again = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      expect(again.stdout).toContain('Nothing to change')
      for (const machine of [cp1, w1]) process.stderr.write(await on(machine, 'nft list table inet cut'))
    }, 1_200_000)
  },
)
