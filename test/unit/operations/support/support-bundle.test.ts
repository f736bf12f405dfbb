import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../../../src/lib/secret.js'
import { writeArchive } from '../../../../src/operations/support/archive.js'
import { hostEntries } from '../../../../src/operations/support/host-entries.js'
import { inventoryText } from '../../../../src/operations/support/inventory-text.js'
import { runLogs } from '../../../../src/operations/support/run-logs.js'
import { docker } from '../../../../src/runtimes/docker/docker.js'
import { machine } from '../../../support/context.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-support-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Every secret of the lab below, by where it is. */
const lab = {
  loginPassword: 'Kx9-login-secret',
  sudoPassword: 'Kx9-sudo-secret',
  registryPassword: 'Kx9registrysecret',
  bootstrapToken: 'k5x9ab.0123456789abcdef',
  serviceAccount: `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"iss":"kubernetes"}').toString('base64url')}.c2lnbmF0dXJl`,
  databasePassword: 'Kx9databasesecret',
  certificateKey: '9f'.repeat(32),
  keyLine: `MIIEpAIBAAKCAQEA${'Zx9qW7'.repeat(8)}`,
  commandWord: 'Kx9-command-secret',
}
const pem = (line: string): string =>
  `-----BEGIN RSA PRIVATE KEY-----\n${line}\n${line}\n-----END RSA PRIVATE KEY-----`

/** The files of an archive, by name. */
async function unpacked(path: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const tar = extract()
  tar.end(gunzipSync(readFileSync(path)))
  for await (const entry of tar) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(Buffer.from(part as Buffer))
    files.set(entry.header.name, Buffer.concat(parts).toString())
  }
  return files
}

const journal = [
  `2026-11-29T12:00:00+0000 w1 kubelet[1]: joined with ${lab.bootstrapToken}`,
  `2026-11-29T12:00:01+0000 w1 kubelet[1]: Authorization: Bearer ${lab.serviceAccount}`,
  `2026-11-29T12:00:02+0000 w1 sudo[2]: someone typed ${lab.sudoPassword} at the wrong prompt`,
  `2026-11-29T12:00:03+0000 w1 app[3]: postgres://app:${lab.databasePassword}@db/x and password=${lab.databasePassword}`,
  ...pem(lab.keyLine)
    .split('\n')
    .map((line) => `2026-11-29T12:00:04+0000 w1 openssl[4]: ${line}`),
  `2026-11-29T12:00:05+0000 w1 kubelet[1]: plain words \u001b[2J`,
].join('\n')

describe('a support bundle', () => {
  test('has what a lab tells, and none of its secrets', async () => {
    for (const known of [lab.loginPassword, lab.sudoPassword, lab.registryPassword]) new Secret(known)
    const host = shimmedHost('w1', {
      systemctl: 'echo Id=kubelet.service; echo LoadState=loaded; echo ActiveState=active',
      journalctl: `cat <<'END'\n${journal}\nEND`,
      docker: `case "$1" in
ps) echo ids ;;
inspect) echo 'etcd uid id-1 running 0 2026-11-29T12:00:00Z 0001-01-01T00:00:00Z' ;;
logs) echo 'started with --certificate-key ${lab.certificateKey} and ${lab.registryPassword}' ;;
esac`,
    })
    try {
      const logs = join(directory, 'logs')
      mkdirSync(logs)
      const record = (inventory: string, words: string): string =>
        `${JSON.stringify({ type: 'log-started', inventory })}\n${JSON.stringify({ type: 'message', text: words })}\nno JSON ${lab.bootstrapToken}\n`
      writeFileSync(
        join(logs, '2026-11-29T00-00-00.000Z-up.log'),
        record('/x/inventory.yaml', `token ${lab.bootstrapToken}`),
      )
      writeFileSync(join(logs, '2026-11-28T00-00-00.000Z-up.log'), record('/y/other.yaml', 'of another'))
      const path = join(directory, 'report.tar.gz')
      const one = { ...machine({ name: 'w1' }), host }
      await writeArchive(path, 'report', [
        ...(await hostEntries(one, docker)),
        ...runLogs(logs, '/x/inventory.yaml'),
        {
          name: 'inventory/inventory.yaml',
          inventory: [
            `# password: ${lab.loginPassword}`,
            'ssh: { user: ops, password: env:OPS_PASSWORD, sudo: { password: "file:./sudo.txt" } }',
            `    password: command:pass show ${lab.commandWord}`,
            '    passphrase: prompt',
            `apiServer: { extraArgs: { db-password: ${lab.databasePassword} } }`,
            'hosts:',
            '  w1: { address: 10.0.0.21, roles: [worker] }',
          ].join('\n'),
        },
        {
          name: '../../escape',
          json: { token: lab.bootstrapToken, deep: [{ clientKey: pem(lab.keyLine) }] },
        },
      ])
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const files = await unpacked(path)
      const all = [...files].flat().join('\n')
      for (const [where, secret] of Object.entries(lab)) {
        expect(all, where).not.toContain(secret)
        expect(all, where).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20))
      }
      expect(all).not.toContain('\u001b')
      expect([...files.keys()].sort()).toEqual(
        expect.arrayContaining([
          'report/escape',
          'report/hosts/w1/containers.txt',
          'report/hosts/w1/facts.json',
          'report/hosts/w1/journal-kubelet.txt',
          'report/hosts/w1/system.txt',
          'report/hosts/w1/units.txt',
          'report/inventory/inventory.yaml',
          'report/logs/2026-11-29T00-00-00.000Z-up.log',
        ]),
      )
      expect(all).not.toContain('of another')
      expect(files.get('report/hosts/w1/journal-kubelet.txt')).toContain('plain words \\x1b[2J')
      expect(files.get('report/hosts/w1/containers.txt')).toMatch(/^@ etcd\nrunning/m)
      const inventory = files.get('report/inventory/inventory.yaml') ?? ''
      for (const kept of ['env:OPS_PASSWORD', 'file:./sudo.txt', 'command:…', 'prompt', 'address: 10.0.0.21'])
        expect(inventory).toContain(kept)
      for (const [name, text] of files) if (name.endsWith('.json')) JSON.parse(text)
    } finally {
      host.remove()
    }
  })

  test('replaces no file', async () => {
    const path = join(directory, 'there')
    writeFileSync(path, 'mine')
    await expect(writeArchive(path, 'x', [])).rejects.toMatchObject({ kind: 'usage' })
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test('names a look that failed, with the reason', async () => {
    const one = machine({ name: 'w1' })
    const lost = { ...one.host, read: () => Promise.reject(new Error('lost the connection')) }
    const entries = await hostEntries({ ...one, host: { ...one.host, ...lost } }, docker)
    expect(entries.find(({ name }) => name === 'hosts/w1/units.failed.txt')).toMatchObject({
      text: 'could not look: lost the connection\n',
    })
  })

  test('keeps references of an inventory', () => {
    expect(inventoryText('a: { password: env:X, token: secretvalue }')).toBe(
      'a: { password: env:X, token: …}',
    )
  })
})
