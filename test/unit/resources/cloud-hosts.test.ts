import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cloudHosts } from '../../../src/resources/cloud-hosts.js'
import { withBlock } from '../../../src/resources/edit-file.js'
import { applyNow } from '../../support/apply-now.js'
import { machine } from '../../support/context.js'
import { put } from '../../support/ledger-sandbox.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ks-cloud-'))
  mkdirSync(join(root, 'etc'))
})
afterEach(() => rmSync(root, { recursive: true }))

const template = 'etc/cloud/templates/hosts.debian.tmpl'

/** The step on a host with these files. */
function step(files: Record<string, string>, id = 'debian') {
  put(join(root, 'etc/os-release'), `ID=${id}\n`)
  for (const [path, content] of Object.entries(files)) put(join(root, path), content)
  const { host } = machine()
  host.read = async ({ script }) => {
    const own = script.replace(/(?<![\w^])\/(?=etc\/|var\/)/g, `${root}/`)
    const ran = spawnSync('/bin/sh', ['-c', own])
    const stdout = Buffer.from(ran.stdout.toString().replaceAll(root, ''))
    return { kind: 'exited', code: ran.status ?? 255, stdout, stderr: ran.stderr.toString() }
  }
  host.stat = async (path) => {
    const content = readFileSync(join(root, path))
    return { kind: 'file', mode: '0644', owner: 'root:root', size: content.length, sha256: '', content }
  }
  host.write = async ({ path, content }) => put(join(root, path), String(content))
  const one = cloudHosts(host, (text) => withBlock(text, ['10.0.0.5 api.example']))
  return { look: async () => one.diff(await one.probe()), apply: () => applyNow(one) }
}

describe('/etc/hosts on a host with cloud-init', () => {
  test.each([
    ['there is none', {}],
    ['it says nothing', { 'etc/cloud/cloud.cfg': 'users: []\n' }],
    ['it manages none', { 'etc/cloud/cloud.cfg': 'manage_etc_hosts: false\n', [template]: '' }],
    ['it only adds a line', { 'etc/cloud/cloud.cfg': 'manage_etc_hosts: localhost\n', [template]: '' }],
    ['it is a comment', { 'etc/cloud/cloud.cfg': '# manage_etc_hosts: true\n', [template]: '' }],
    [
      'it is off',
      {
        'etc/cloud/cloud.cfg': 'manage_etc_hosts: true\n',
        'etc/cloud/cloud-init.disabled': '',
        [template]: '',
      },
    ],
  ])('is left to the edit alone where %s', async (_what, files) => {
    expect(await step(files).look()).toEqual([])
  })

  test.each([
    ['cloud.cfg', { 'etc/cloud/cloud.cfg': 'manage_etc_hosts: true\n' }],
    [
      'a drop-in',
      { 'etc/cloud/cloud.cfg': '', 'etc/cloud/cloud.cfg.d/9.cfg': '"manage_etc_hosts": "template"\n' },
    ],
    [
      'user data',
      { 'etc/cloud/cloud.cfg': '', 'var/lib/cloud/instance/cloud-config.txt': 'manage_etc_hosts: True\n' },
    ],
  ])('has the block in its template too where %s lets it be written at each boot', async (_what, files) => {
    const { look, apply } = step({ ...files, [template]: '127.0.1.1 {{fqdn}}\n' }, 'ubuntu')
    expect(await look()).toMatchObject([{ kind: 'update' }])
    await apply()
    expect(readFileSync(join(root, template), 'utf8')).toBe(
      '127.0.1.1 {{fqdn}}\n# BEGIN kubestrap\n10.0.0.5 api.example\n# END kubestrap\n',
    )
    expect(await look()).toEqual([])
  })

  test('is told of when the template is not found', async () => {
    await expect(step({ 'etc/cloud/cloud.cfg': 'manage_etc_hosts: true\n' }).look()).rejects.toThrow(
      'its template was not found',
    )
  })
})
