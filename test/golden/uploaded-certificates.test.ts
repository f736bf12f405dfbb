import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ExternalEtcdSpec } from '../../src/inventory/spec.js'
import { bootstrapTokenSecret } from '../../src/kubernetes/config/bootstrap-token.js'
import {
  proxyTokenDescription,
  uploadedCertificates,
} from '../../src/kubernetes/config/uploaded-certificates.js'
import { Secret } from '../../src/lib/secret.js'
import { uploadedFiles } from '../../src/operations/upload-certificates.js'
import { clusterSpec } from '../support/spec.js'
import { type Json, keyOf, parseDryRun } from './api-objects.js'

const external: ExternalEtcdSpec = {
  endpoints: ['https://10.0.0.31:2379'],
  caFile: '/etc/etcd/ca.crt',
  certFile: '/etc/etcd/client.crt',
  keyFile: '/etc/etcd/client.key',
}

const golden = (kind: string): ReadonlyMap<string, Json> =>
  parseDryRun(readFileSync(new URL(`data/v1.36.2-${kind}/api-objects.txt`, import.meta.url), 'utf8')).objects

/** An object whose data are its keys alone: theirs are encrypted, or of files a dry run did not write. */
const withoutValues = (object: Json): Json =>
  object.data === undefined ? object : { ...object, data: Object.keys(Object(object.data)).sort() }

const own = clusterSpec()

test.each([
  ['stacked', own, 'bootstrap-token-r7xrt6'],
  ['external', { ...own, etcd: { ...own.etcd, external } }, 'bootstrap-token-f9v8gm'],
])('what is uploaded for a control plane is what kubeadm uploads, %s etcd', (kind, spec, token) => {
  const theirs = golden(kind)
  const sealed = new Map([...uploadedFiles(spec).keys()].map((name) => [name, Buffer.from('sealed')]))
  for (const object of uploadedCertificates(sealed, { name: token, uid: '' })) {
    const found = theirs.get(keyOf(object))
    expect(found, keyOf(object)).toBeDefined()
    expect(withoutValues(object)).toEqual(withoutValues(found ?? {}))
  }
})

test('it goes with a token that lets nobody in, as with kubeadm', () => {
  const theirs = golden('stacked').get('Secret bootstrap-token-r7xrt6')
  const ours = bootstrapTokenSecret(
    { id: 'r7xrt6', secret: new Secret('r3z0j5oojftp8ohi') },
    { expiration: new Date(0), description: proxyTokenDescription, usable: false },
  )
  expect(withoutValues(ours)).toEqual(withoutValues(theirs ?? {}))
  const description = (object: Json | undefined): unknown => Object(object?.data).description
  expect(description(ours)).toBe(description(theirs))
})

test('an external etcd’s files are the client’s, where the inventory has them', () => {
  const files = uploadedFiles({ etcd: { ...own.etcd, external } })
  expect(files.get('external-etcd.key')).toBe('/etc/etcd/client.key')
  expect(files.get('ca.key')).toBe('/etc/kubernetes/pki/ca.key')
  expect([...files.keys()].filter((name) => name.startsWith('etcd-'))).toEqual([])
})
