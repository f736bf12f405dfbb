import { expect, it } from 'vitest'
import type { Host } from '../../../src/host/host.js'
import { file } from '../../../src/resources/file.js'

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
