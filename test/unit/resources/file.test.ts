import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { FileState, Host } from '../../../src/host/host.js'
import { Secret } from '../../../src/lib/secret.js'
import { file } from '../../../src/resources/file.js'
import { podMark } from '../../../src/resources/marks.js'

const host = { name: 'cp1' } as Host

it.each([
  ['a file of ours that somebody edited', 'auth_pass = S3cret\nport = 1\n', 'port = 2\n'],
  ['a file of ours with a password in it', 'port = 1\n', 'db_pass: S3cret\nsecret_key: S3cret\nport = 2\n'],
])("the plan's diff of %s shows no secret", (_, before, after) => {
  const step = file(host, { path: '/etc/x.conf', content: after })
  const [change] = step.diff({
    kind: 'file',
    mode: '0644',
    owner: 'root:root',
    sha256: '',
    size: before.length,
    content: Buffer.from(before),
  } as never)
  expect(change?.diff).toContain('+port = 2')
  expect(change?.diff).not.toContain('S3cret')
})

const manifest = '/etc/kubernetes/manifests/etcd.yaml'
const there = (text: string, mode = '0644'): FileState => ({
  kind: 'file',
  mode,
  owner: 'root:root',
  sha256: createHash('sha256').update(text).digest('hex'),
  size: text.length,
  content: Buffer.from(text),
})

it('a static Pod whose manifest is written for the first time is not recreated, and one whose manifest changes is', () => {
  const step = file(host, { path: manifest, content: 'new', marks: [podMark('etcd')] })
  const recreated = [{ kind: 'recreate', of: 'static-pod', name: 'etcd' }]
  expect(step.diff({ kind: 'absent' })[0]?.effects).toBeUndefined()
  expect(step.diff(there('old'))[0]?.effects).toEqual(recreated)
  const beside = file(host, { path: '/etc/x', content: 'new', marks: [podMark('etcd')] })
  expect(beside.diff({ kind: 'absent' })[0]?.effects).toEqual(recreated)
})

it('what a diff does not show of the content that is replaced is in the digest of a plan', () => {
  const step = file(host, { path: '/etc/key', content: new Secret('a new secret') })
  const seen = ['one', 'another'].map((text) => there(text, '0600'))
  const changes = seen.map((state) => step.diff(state))
  expect(changes[0]).toEqual(changes[1])
  const [one, other] = seen.map((state) => step.unshown?.(state))
  expect(one).not.toBe(other)
})
