import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab } from '../support/e2e-cluster.js'
import { cp1, gateway, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { type NameServer, startNameServer } from '../support/name-server.js'

// Names outside the cluster, by CoreDNS and a name server of the test's own that knows registry.k8s.io:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand names
// DIR has bundle-1.36.3.
const version = '1.36.3'
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const bundle = join(releases, `bundle-${version}`)
const reason =
  releases === ''
    ? 'KUBESTRAP_RELEASES names no directory'
    : existsSync(join(bundle, 'bundle.json'))
      ? whyNot()
      : `there is no ${bundle}`

const nodes = [cp1, w1]
const passed = /DNS names outside the cluster: registry\.k8s\.io \[passed/

/** What comes from Pods to the name server is lost; what the node itself asks is not. */
const cut = `iptables -I FORWARD -p udp -d ${gateway} --dport 53 -j DROP`

describe.skipIf(reason !== undefined)(
  `names outside the cluster${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let lab = ''
    let server: NameServer
    beforeAll(async () => {
      lab = inventory('names', (text) =>
        text
          .replace('"1.20.2"', `"${version}"`)
          .replace('runtime: docker\n', '')
          .replace(/^dns:\n.*\n/m, '')
          .replace(/^etcd:\n.*\n/m, 'kubelet: { config: { failCgroupV1: false } }\n')
          .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
          .replace(/bundle: .*/, `bundle: ${bundle}`)
          .replace(new RegExp(`^ {2}${w2}: .*\n`, 'm'), ''),
      )
      await startLab(lab)
      server = await startNameServer(gateway, { 'registry.k8s.io': '192.0.2.1' })
      for (const name of nodes) await on(name, `echo 'nameserver ${gateway}' >/etc/resolv.conf`)
    })
    afterAll(async () => {
      await server?.close()
      if (lab) await kubestrap('lab', 'down', '-i', lab)
    })

    test('are known to Pods where the name server of the nodes knows them', async () => {
      const ran = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')
      expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0)
      expect(ran.stdout).toMatch(passed)
      expect(server.asked).toContain('registry.k8s.io')
    })

    test('fail to verify where CoreDNS does not reach it, and heal', async () => {
      for (const name of nodes) await on(name, cut)
      // longer than CoreDNS keeps what it was told (its cache keeps nothing for less than five seconds)
      await new Promise((resolve) => setTimeout(resolve, 8_000))
      const began = Date.now()
      const ran = await kubestrap('verify', '-i', lab, '-o', 'plain')
      process.stderr.write(
        `failed after ${((Date.now() - began) / 1000).toFixed(1)} s\n${ran.stdout}\n${ran.stderr}\n`,
      )
      expectCode(ran, 7)
      expect(ran.stdout).toMatch(
        /FAILED DNS names outside the cluster: .*node \S+ resolves it: do Pods reach the name servers/,
      )
      // CoreDNS's own words
      expect(ran.stdout).toContain(`->${gateway}:53: i/o timeout`)
      for (const name of nodes) await on(name, cut.replace('-I', '-D'))
      const healed = await kubestrap('verify', '-i', lab, '-o', 'plain')
      expectCode(healed, 0)
      expect(healed.stdout).toMatch(passed)
    })

    test('are left out, with the reason, where the name server of the nodes does not know them', async () => {
      await server.close()
      server = await startNameServer(gateway, {})
      const ran = await kubestrap('verify', '-i', lab, '-o', 'plain')
      process.stderr.write(`${ran.stdout}\n${ran.stderr}\n`)
      expectCode(ran, 0)
      expect(ran.stdout).toContain('do not resolve registry.k8s.io')
    })
  },
)
