import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../src/cluster/context.js'
import { effectWords } from '../../src/engine/effect.js'
import { downloadScript } from '../../src/host/download-script.js'
import type { Host } from '../../src/host/host.js'
import { createHost } from '../../src/host/remote-host.js'
import { digestCache } from '../../src/host/stat-script.js'
import { Secret } from '../../src/lib/secret.js'
import { debian } from '../../src/os/debian.js'
import { proxy } from '../../src/phases/proxy.js'
import { repository } from '../../src/resources/repository.js'
import { containerd } from '../../src/runtimes/containerd/containerd.js'
import { noProxyOf } from '../../src/steps/host/proxy-settings.js'
import { applyNow } from '../support/apply-now.js'
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.js'
import { contextOf, machine } from '../support/context.js'
import { debRepository, Signer } from '../support/deb-repository.js'
import { type OverlayRoot, overlayRoot, whyNoOverlay } from '../support/overlay-root.js'
import { type ReleaseSite, sha256, startReleaseSite } from '../support/release-site.js'

/** The real apt, curl and wget through a proxy that wants a login, in a layer of this computer's files. */
const why = whyNoOverlay()
const password = "s3 cr:et@'$`"

let directory: string
let site: ReleaseSite
let server: ConnectProxy
let root: OverlayRoot
let host: Host
beforeAll(async () => {
  if (why) return
  directory = mkdtempSync(join(tmpdir(), 'ks-proxy-'))
  site = await startReleaseSite(directory)
  server = await startConnectProxy(`robot:${password}`)
}, 60_000)
afterAll(async () => {
  await server?.close()
  await site?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})
beforeEach(async (test) => {
  if (why) return
  server.asked.length = 0
  root = await overlayRoot()
  test.onTestFinished(() => root.end())
  root.run(`rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/lib/kubestrap /etc/kubestrap
grep -lE 'Invoke|http' /etc/apt/apt.conf.d/* | xargs -r rm -f; exit 0`)
  host = createHost('w1', root.connection)
  await host.takeOver('epoch')
})

const through = (auth = true): Context['proxy'] => ({
  http: server.url,
  https: server.url,
  auth: auth ? { username: 'robot', password: new Secret(password) } : undefined,
  noProxy: noProxyOf(contextOf([machine()]).spec),
})
/** Applies the phase. Its changes, in words and diffs. */
async function told(own: Context['proxy'], runtime = containerd): Promise<string[]> {
  const node = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  const said: string[] = []
  for (const step of proxy.steps(contextOf([node], { proxy: own, runtime }))) {
    const changes = await applyNow(step)
    said.push(
      ...changes.flatMap(({ summary, diff = '', effects = [] }) => [
        summary,
        diff,
        ...effects.map(effectWords),
      ]),
    )
    expect(step.diff(await step.probe())).toEqual([])
  }
  return said
}
/** A host's download of a file of the site, by its name. */
const download = () =>
  host.mutate({
    what: 'download',
    script: downloadScript,
    args: [
      '/usr/bin/kubelet',
      '0755',
      sha256('kubelet'),
      `https://mirror.test:${site.port}/kubelet`,
      digestCache,
      '2',
    ],
    stdin: `${Buffer.from(site.ca).toString('base64')}\n`,
    timeoutMs: 30_000,
  })

describe.skipIf(why !== undefined)(`a proxy${why ? ` (skipped: ${why})` : ''}`, () => {
  it('is what apt and downloads go through, with a password that stands in files of root alone', async () => {
    const said = await told(through())
    expect(said.join('\n')).not.toContain('s3')
    expect(said.join('\n')).toContain('restarts containerd.service')
    const files = ['/etc/kubestrap/proxy.env', '/etc/apt/apt.conf.d/90kubestrap-proxy']
    expect(root.run('stat -c "%a %U" "$@"', ...files)).toBe('600 root\n600 root\n')
    expect(root.run('cat /etc/systemd/system/containerd.service.d/kubestrap-proxy.conf')).toBe(
      '# Written by kubestrap: sources.proxy\n[Service]\nEnvironmentFile=-/etc/kubestrap/proxy.env\n',
    )
    site.pages.set('/kubelet', 'kubelet')
    await download()
    expect(root.run('cat /usr/bin/kubelet')).toBe('kubelet')
    expect(server.asked).toEqual([`mirror.test:${site.port}`])

    const signer = new Signer(directory)
    try {
      const deb = { name: 'ks-test', version: '1-1', file: ['usr/share/ks-test', 'x'] as const }
      for (const [path, page] of debRepository(directory, '/deb', [deb], signer)) site.pages.set(path, page)
      const url = `https://mirror.test:${site.port}/deb`
      const wish = { name: 'test', url, suite: '/', components: [], signedLists: true, ca: site.ca }
      const step = repository(host, debian, wish, signer.key)
      server.asked.length = 0
      await applyNow(step)
      await host.mutate({ what: 'install', script: 'apt-get install -y -q ks-test', timeoutMs: 30_000 })
      expect(root.run('cat /usr/share/ks-test')).toBe('x')
      expect(new Set(server.asked)).toEqual(new Set([`mirror.test:${site.port}`]))
    } finally {
      signer.end()
    }
    expect(server.refused()).toBe(0)
  }, 120_000)

  it('is gone when the inventory has none, and the runtime restarts for it', async () => {
    await told(through(false))
    expect(root.run('stat -c %a /etc/kubestrap/proxy.env')).toBe('644\n')
    root.run(
      'echo "# mine" >/etc/systemd/system/docker.service.d/kubestrap-proxy.conf 2>/dev/null || { mkdir -p /etc/systemd/system/docker.service.d; echo "# mine" >/etc/systemd/system/docker.service.d/kubestrap-proxy.conf; }; rm -rf /run/kubestrap/restart',
    )
    const said = await told(undefined)
    expect(said.filter(Boolean)).toEqual([
      'remove /etc/kubestrap/proxy.env',
      'restarts containerd.service',
      'remove /etc/apt/apt.conf.d/90kubestrap-proxy',
      'remove /etc/systemd/system/containerd.service.d/kubestrap-proxy.conf',
      'restarts containerd.service',
    ])
    expect(root.run('ls /run/kubestrap/restart')).toBe('containerd.service\n')
    expect(root.run('cat /etc/systemd/system/docker.service.d/kubestrap-proxy.conf')).toBe('# mine\n')
    server.asked.length = 0
    root.run('echo "127.0.0.1 mirror.test" >>/etc/hosts')
    site.pages.set('/kubelet', 'kubelet')
    await download()
    expect(server.asked).toEqual([])
  }, 60_000)
})
