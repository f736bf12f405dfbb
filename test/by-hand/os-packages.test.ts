import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBundle } from '../../src/bundle/bundle.js'
import { answerOf, cp1, directory, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { cutOff, type ServedBundle, serveBundle } from '../support/served-bundle.js'

// A bundle with packages of the distribution, downloaded by a machine that has a way out, and a cluster from it on machines
// that have none: npx vitest run --project by-hand os-packages (it takes Kubernetes from the lab's bundle)
const source = join(homedir(), '.cache/kubestrap/bundle/v1.20.2')
const reason = whyNot()

/** What a small installation lacks of what nodes need; lab machines have some of it from the start. */
const needed = 'containerd containernetworking-plugins conntrack ebtables ethtool socat'

describe.skipIf(reason !== undefined)(
  `a bundle with packages of the distribution${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let served: ServedBundle
    let file: string
    const created = join(directory, 'created')
    beforeAll(async () => {
      served = await serveBundle(source, directory)
      file = inventory(
        'os-packages',
        (text) =>
          text
            .replace('runtime: docker', 'runtime: containerd')
            .replace(/bundle: .*/, `bundle: ${created}`)
            .replace(new RegExp(`^  (${w1}|${w2}):.*\n`, 'gm'), '')
            .replace(/^hosts:$/m, `${served.keys}hosts:`),
        { bare: true },
      )
      if (process.env.KUBESTRAP_KEEP === undefined) rmSync(created, { recursive: true, force: true })
      expectCode(await kubestrap('lab', 'up', '-i', file), 0)
    }, 900_000)
    afterAll(async () => {
      await served?.close()
      if (process.env.KUBESTRAP_KEEP === undefined) await kubestrap('lab', 'down', '-i', file)
    }, 600_000)

    const there = async (): Promise<string> =>
      (await answerOf(cp1, `dpkg-query -W -f '\${Package} \${Version}\n' | sort`)).stdout

    test('is created by a host on which nothing changes, and verifies', async () => {
      await on(cp1, 'apt-get clean; rm -rf /var/lib/apt/lists/*')
      const before = await there()
      const made = await kubestrap('bundle', 'create', '-i', file, '--os-packages')
      process.stderr.write(`${made.stderr}${made.stdout}`)
      expectCode(made, 0)
      expect(await there()).toBe(before)
      expect(
        await on(cp1, 'ls -d /var/tmp/kubestrap-* /var/lib/apt/lists/*Packages* 2>/dev/null; exit 0'),
      ).toBe('')
      const { manifest } = await openBundle(created)
      const [system] = manifest.packages ?? []
      expect(system).toMatchObject({ os: 'debian', version: '12', arch: 'amd64' })
      // dependencies that the asked host has itself are there all the same
      expect(system?.packages.map(({ name }) => name)).toEqual(
        expect.arrayContaining([...needed.split(' '), 'runc', 'libc6', 'systemd-timesyncd']),
      )
      const verified = await kubestrap('bundle', 'verify', created)
      expect(verified.stdout).toMatch(/images, and \d+ packages/)
      expectCode(verified, 0)
      expect((await kubestrap('bundle', 'show', created)).stdout).toMatch(
        /^containerd +\S+ +debian 12 on amd64 /m,
      )
      const again = await kubestrap('bundle', 'create', '-i', file, '--os-packages')
      expect(again.stderr).toContain('nothing was changed')
    }, 900_000)

    test('makes a cluster of a machine that has no way out', async () => {
      await cutOff(cp1)
      const out = await answerOf(cp1, 'timeout 3 bash -c "</dev/tcp/1.1.1.1/443"; echo $?')
      expect(out.stdout.trim()).toBe('124')
      // the tools that machines of a lab have from the start are to come from the bundle too
      await on(
        cp1,
        'apt-get purge -y conntrack ebtables ethtool socat >/dev/null; apt-get clean; rm -rf /var/lib/apt/lists/*',
      )
      const plan = await kubestrap('plan', '-i', file, '-o', 'plain', '--full')
      expect(plan.stdout).toMatch(/install .*containerd.* from the bundle/)
      const up = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      process.stderr.write(`${up.stdout.slice(-3000)}${up.stderr}`)
      expectCode(up, 0)
      const again = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      expect(again.stdout).toContain('Nothing to change')
      const versions = new Map(
        ((await openBundle(created)).manifest.packages ?? []).flatMap((system) =>
          system.packages.map((one) => [one.name, one.version] as const),
        ),
      )
      const installed = await on(cp1, `dpkg-query -W -f '\${Package} \${Version}\n' ${needed}`)
      for (const line of installed.trim().split('\n')) {
        const [name = '', version] = line.split(' ')
        expect(versions.get(name), name).toBe(version)
      }
      expect(
        await on(
          cp1,
          'ls -d /var/lib/kubestrap/packages-* /var/lib/apt/lists/*Packages* 2>/dev/null; exit 0',
        ),
      ).toBe('')
      process.stderr.write(await on(cp1, 'nft list table inet cut'))
    }, 900_000)

    test('without packages for the system of a new host, or without one of them, is refused', async () => {
      await kubestrap('reset', '--yes', '-i', file, '--packages')
      const manifest = join(created, 'bundle.json')
      const text = readFileSync(manifest, 'utf8')
      try {
        writeFileSync(manifest, text.replace('"version": "12"', '"version": "11"'))
        const other = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
        expectCode(other, 4)
        expect(`${other.stdout}${other.stderr}`).toMatch(
          /none for debian 12 on amd64; the host lacks .*containerd/,
        )
        expect(`${other.stdout}${other.stderr}`).toContain('bundle create --os-packages')
        writeFileSync(manifest, text.replace('"name": "socat"', '"name": "socat-not"'))
        const less = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
        expectCode(less, 4)
        expect(`${less.stdout}${less.stderr}`).toMatch(/without socat, which the host lacks/)
      } finally {
        writeFileSync(manifest, text)
      }
    }, 600_000)
  },
)
