import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { Secret } from '../../../src/lib/secret.js'
import { certificateTree } from '../../../src/pki/certificates.js'
import { certificateDifferences } from '../../../src/pki/inspect.js'
import { issue } from '../../../src/pki/issue.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

// without openssl there is no foreign authority to make
const openssl = spawnSync('openssl', ['version']).error === undefined

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubestrap-ca-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('An authority somebody else made, with openssl', () => {
  it.skipIf(!openssl).each([
    ['rsa', ['-newkey', 'rsa:2048']],
    ['elliptic-curve', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']],
  ])('%s: issues certificates openssl verifies', async (name, algorithm) => {
    const [keyFile, caFile, leafFile] = ['key', 'crt', 'leaf'].map((end) => join(directory, `${name}.${end}`))
    if (!keyFile || !caFile || !leafFile) throw new Error('no paths')
    const subject = [
      '-x509',
      '-days',
      '30',
      '-subj',
      '/O=Ünïted/CN=my own ca',
      '-utf8',
      '-nodes',
      '-addext',
      'keyUsage=critical,keyCertSign',
    ]
    execFileSync('openssl', ['req', ...algorithm, ...subject, '-keyout', keyFile, '-out', caFile], {
      stdio: 'pipe',
    })
    const authority = {
      certificate: readFileSync(caFile, 'utf8'),
      key: new Secret(readFileSync(keyFile, 'utf8')),
    }
    const [wanted] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.36.2'))
    if (!wanted) throw new Error('no certificates')
    const now = new Date(new X509Certificate(authority.certificate).validFrom)
    const { certificate } = await issue(wanted, authority, { now, random: randomBytes })
    writeFileSync(leafFile, certificate)
    const verified = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', caFile, leafFile])
    expect(verified.toString()).toBe(`${leafFile}: OK\n`)
    expect(certificateDifferences(certificate, wanted, [authority.certificate], now)).toEqual([])
  })
})
