import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { transferKey } from '../../../../src/host/transfer/key-pair.js'

it('OpenSSH reads the private key, and knows the public key as its other half', (ctx) => {
  if (spawnSync('ssh-keygen', ['-V']).error) return ctx.skip('ssh-keygen is not installed')
  const directory = mkdtempSync(join(tmpdir(), 'ks-key-'))
  try {
    const key = transferKey()
    writeFileSync(join(directory, 'key'), key.private.reveal(), { mode: 0o600 })
    const { stdout } = spawnSync('ssh-keygen', ['-y', '-f', join(directory, 'key')], { encoding: 'utf8' })
    expect(stdout.trim()).toBe(key.public)
    expect(`${key.private}`).toBe('[redacted]')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

it('each file has a key of its own', () => {
  expect(transferKey().public).not.toBe(transferKey().public)
})
