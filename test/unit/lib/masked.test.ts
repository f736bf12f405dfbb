import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { masked } from '../../../src/lib/masked.js'

describe('what is shown of a diff', () => {
  it('is without what sounds like a secret, and otherwise whole', () => {
    const diff = `--- config.toml
+    [plugins."io.containerd.grpc.v1.cri".registry.configs."r.example.com".auth]
-      password = "S3cret"
+      identitytoken = "S3cret"
+  "authorization": ["Basic UzNjcmV0"],
+  header = { Authorization = "Basic UzNjcmV0" }
+  "http-proxy": "http://me:S3cret@proxy.example.com:3128"
+  SystemdCgroup = true`
    const shown = masked(diff)
    expect(shown).not.toMatch(/S3cret|UzNjcmV0/)
    for (const kept of [
      'registry.configs',
      'password = …',
      '://…@proxy.example.com:3128',
      'SystemdCgroup = true',
    ])
      expect(shown).toContain(kept)
    expect(shown.split('\n')).toHaveLength(diff.split('\n').length)
  })

  it.each([
    'pass=S3cret',
    'db_pass = S3cret',
    'DB_PASSWORD="S3cret and more"',
    'secret_key: S3cret',
    'secretKey: S3cret',
    'private_key = S3cret',
    'api-key: "S3cret"',
    'aws_access_key = S3cret',
    'client-key-data: S3cret',
    'passphrase: S3cret',
    'auth_pass = S3cret',
    '"auth": "dXNlcjpTM2NyZXQ=S3"',
    '--token=S3cret --v=2',
    '{"user":"me","password":"S3\\"cret","port":1}',
    'env: [{name: X, secret: S3cret}]',
  ])('%s is without it, added, removed or kept', (line) => {
    for (const sign of ['+', '-', ' ']) {
      const shown = masked(`${sign}  ${line}`)
      expect(shown).not.toMatch(/S3/)
      expect(shown).toMatch(new RegExp(`^[${sign}]  `))
    }
  })

  it('hides a block of lines whose key sounds like one', () => {
    const diff = '+password: |\n+  S3cret\n+\n+  S3cret\n+port: 1\n-token: >-\n-  S3cret\n context: 1'
    const shown = masked(diff)
    expect(shown).not.toContain('S3cret')
    expect(shown).toContain('+port: 1\n')
    expect(shown).toMatch(/ context: 1$/)
  })

  it.each([
    '    - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key',
    '    - --requestheader-username-headers=X-Remote-User',
    '    - --authorization-mode=Node,RBAC',
    '    - --enable-bootstrap-token-auth=true',
    '  serializeImagePulls: true',
    'secretName: kubeadm-certs',
    '    - --requestheader-extra-headers-prefix=X-Remote-Extra-',
    '    client-cert-auth: true',
    'authentication: {anonymous: {enabled: false}}',
    'server 10.0.0.11:6443 check',
  ])('%s is no secret and stays', (line) => {
    expect(masked(`+${line}`)).toBe(`+${line}`)
  })

  it('has as many lines as before, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (text) => {
        expect(masked(text).split('\n')).toHaveLength(text.split('\n').length)
      }),
    )
  })
})

it.each(['http://me:S3/cret@proxy.test:3128', 'http://me:S3@cret@proxy.test', 'http://me@proxy.test'])(
  'who logs in in %s is not shown',
  (url) => {
    expect(masked(`+ proxy ${url} x`)).toMatch(/^\+ proxy http:\/\/…@proxy\.test(:3128)? x$/)
  },
)
