import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { known } from '../../src/catalog.js'
import { whyNoDownload } from '../../src/cli/quickstart.js'
import { kubernetesProgram, sites } from '../../src/sources/urls.js'
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.js'
import { type ReleaseSite, sha256, startReleaseSite } from '../support/release-site.js'

const directory = mkdtempSync(join(tmpdir(), 'ks-quickstart-'))
const arch = process.arch === 'x64' ? 'amd64' : process.arch
let site: ReleaseSite
let proxy: ConnectProxy

beforeAll(async () => {
  site = await startReleaseSite(directory)
  proxy = await startConnectProxy()
  const { digest } = kubernetesProgram({ ...sites, kubernetes: '' }, known.newest, arch, 'kubelet')
  site.pages.set(digest.url, sha256('kubelet'))
})
afterAll(async () => {
  await Promise.all([site.close(), proxy.close()])
  rmSync(directory, { recursive: true })
})

const asked = (kubernetes: string, environment: Record<string, string>) =>
  whyNoDownload({ ...sites, kubernetes }, { environment, ca: site.ca })

test('a site that is reached by way of the proxy of this computer alone cannot be downloaded from by machines without one', async () => {
  const name = `https://mirror.test:${site.port}`
  expect(await asked(name, { https_proxy: proxy.url })).toMatch(
    /mirror\.test.*; the machines of lab-today\.yaml do not use the proxy of this computer/,
  )
  // the proxy itself leads there
  expect(proxy.asked).toEqual([`mirror.test:${site.port}`])
})

test('one that is reached directly can, where the proxy of this computer leads there too', async () => {
  expect(await asked(site.url, {})).toBeUndefined()
  expect(await asked(site.url, { https_proxy: proxy.url })).toBeUndefined()
  expect(await asked(site.url, { https_proxy: 'http://127.0.0.1:1' })).toMatch(/the proxy 127\.0\.0\.1:1 /)
})
