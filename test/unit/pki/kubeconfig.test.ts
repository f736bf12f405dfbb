import fc from 'fast-check'
import { dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/lib/secret.js'
import {
  bootstrapKubeconfig,
  buildKubeconfig,
  kubeletKubeconfig,
  parseKubeconfig,
} from '../../../src/pki/kubeconfig.js'
import { checkedKubeconfig, clusterInfoAuthority } from '../../../src/pki/parse-kubeconfig.js'
import { administrator, authorities } from '../../support/administrator.js'
import { atOnceMs, processorTime } from '../../support/processor-time.js'

const { ca, cert, key } = administrator()
const other = administrator(authorities[1])
const cluster = { clusterName: 'lab', server: 'https://[fd00::1]:6443', ca }
const built = buildKubeconfig({ ...cluster, user: 'admin', certificate: cert, key }).reveal()
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('Kubeconfigs', () => {
  it('what is built is read back', () => {
    const is = parseKubeconfig(built)
    expect(is).toMatchObject({ server: cluster.server, user: 'admin', keyFits: true, foreign: [] })
    expect(is.ca.trim()).toBe(ca.trim())
    expect(is.credentials.cert.trim()).toBe(cert.trim())
  })

  it('what is read and built again is read the same', () => {
    const { credentials } = parseKubeconfig(built)
    const again = buildKubeconfig({
      ...cluster,
      ca: credentials.ca,
      user: 'admin',
      certificate: credentials.cert,
      key: credentials.key,
    })
    expect(parseKubeconfig(again.reveal()).credentials.key.reveal()).toBe(credentials.key.reveal())
    expect(parseKubeconfig(again.reveal()).credentials.cert).toBe(credentials.cert)
  })

  it("the kubelet's names the files it renews by itself", () => {
    const file = '/var/lib/kubelet/pki/kubelet-client-current.pem'
    const text = kubeletKubeconfig({
      ...cluster,
      user: 'system:node:w1',
      certificateFile: file,
      keyFile: file,
    })
    expect(text).toContain(`  user:\n    client-certificate: ${file}\n    client-key: ${file}\n`)
    expect(text).toContain('current-context: system:node:w1@lab\n')
  })

  it('the one a node joins with carries the token', () => {
    const token = { id: 'abcdef', secret: new Secret('0123456789abcdef') }
    expect(bootstrapKubeconfig({ ...cluster, token }).reveal()).toContain(
      '- name: tls-bootstrap-token-user\n  user:\n    token: abcdef.0123456789abcdef\n',
    )
  })

  it('may say the name its server is checked for', () => {
    const text = buildKubeconfig({
      ...cluster,
      tlsServerName: 'api.lab',
      user: 'admin',
      certificate: cert,
      key,
    })
    expect(text.reveal()).toContain('    tls-server-name: api.lab\n')
  })

  it.each([
    ['', 'the kubeconfig is not a YAML mapping'],
    ['{', 'the kubeconfig is not YAML'],
    ['a: 1', 'the kubeconfig has no current-context'],
    [built.replace('current-context: admin@lab', 'current-context: other'), 'has no context "other"'],
    [built.replace(/client-key-data: .*/, 'client-key: /a/file'), 'no embedded client-key-data'],
    [built.replace(/client-key-data: .*/, 'client-key-data: AAAA'), 'client-key-data of the kubeconfig'],
    [built.replace(/client-key-data: .*/, `client-key-data: ${base64(cert)}`), 'no private key in PEM'],
    [
      built.replace(/client-certificate-data: .*/, `client-certificate-data: ${base64('-----BEGIN X-----')}`),
      'no PEM certificate',
    ],
  ])('%# says in plain words what is wrong: %j', (text, words) => {
    expect(() => parseKubeconfig(text)).toThrow(words)
  })

  it('an error never quotes the file', () => {
    const broken = built.replace('users:', 'users: ]')
    expect(() => parseKubeconfig(broken)).toThrow(/^the kubeconfig is not YAML$/)
  })
})

describe("a machine's kubeconfig for somebody else", () => {
  type Entry = Record<string, Record<string, unknown>>
  /** The same with fields planted in the current entries. */
  const planted = (kind: 'cluster' | 'user' | 'context', fields: object): string => {
    const config = load(built) as Record<string, Entry[]>
    Object.assign(config[`${kind}s`]?.[0]?.[kind] ?? {}, fields)
    return dump(config)
  }

  it('is authority, certificate and key, and no more', () => {
    const text = built.replace('-----', '-----')
    expect(Object.keys(checkedKubeconfig(text)).sort()).toEqual(['ca', 'cert', 'key'])
  })

  it.each([
    [
      'user',
      { exec: { command: '/bin/sh', args: ['-c', 'id'], apiVersion: 'client.authentication.k8s.io/v1' } },
      'user.exec',
    ],
    ['user', { 'auth-provider': { name: 'oidc' } }, 'user.auth-provider'],
    ['user', { tokenFile: '/etc/shadow' }, 'user.another field'],
    ['user', { token: 'S3cret' }, 'user.token'],
    ['user', { username: 'a', password: 'S3cret' }, 'user.username, user.password'],
    ['user', { as: 'root', 'as-groups': ['x'] }, 'user.as, user.as-groups'],
    ['user', { 'client-key': '/etc/shadow' }, 'user.client-key'],
    ['cluster', { 'proxy-url': 'http://10.0.0.66:3128' }, 'cluster.proxy-url'],
    ['cluster', { 'insecure-skip-tls-verify': true }, 'cluster.insecure-skip-tls-verify'],
    ['cluster', { 'certificate-authority': '/tmp/ca' }, 'cluster.certificate-authority'],
    ['cluster', { 'tls-server-name': 'evil' }, 'cluster.tls-server-name'],
    ['cluster', { '\u001b[2J': 1 }, 'cluster.another field'],
  ] as const)('is refused with a planted %s %j', (kind, fields, named) => {
    expect(() => checkedKubeconfig(planted(kind, fields))).toThrow(`it has ${named}`)
    expect(() => checkedKubeconfig(planted(kind, fields))).not.toThrow('S3cret')
    // what the machine itself is asked with uses none of it
    expect(parseKubeconfig(planted(kind, fields)).credentials.cert.trim()).toBe(cert.trim())
  })

  it('may have what changes nothing', () => {
    expect(() => checkedKubeconfig(planted('context', { namespace: 'dev' }))).not.toThrow()
  })

  it.each([
    ['the certificate of another cluster', { certificate: other.cert, key: other.key }, 'is not signed by'],
    [
      'the key of another certificate',
      { certificate: cert, key: new Secret(authorities[1].signer.key?.reveal() ?? '') },
      'not that of its client certificate',
    ],
    ['a leaf in the place of the authority', { ca: cert }, 'is not a certificate authority'],
  ])('is refused with %s', (_, change, words) => {
    const text = buildKubeconfig({ ...cluster, user: 'admin', certificate: cert, key, ...change }).reveal()
    expect(() => checkedKubeconfig(text)).toThrow(words)
  })

  it('is refused within a moment when it is an alias bomb or endless', () => {
    const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`).join('\n')}\n`
    const used = processorTime()
    expect(() => checkedKubeconfig(bomb + built)).toThrow('YAML anchors')
    expect(() => checkedKubeconfig(`${built}# ${'x'.repeat(300_000)}`)).toThrow('larger than 256 KiB')
    expect(() => checkedKubeconfig('['.repeat(200_000))).toThrow('not YAML')
    expect(() => clusterInfoAuthority(bomb)).toThrow('YAML anchors')
    expect(used()).toBeLessThan(atOnceMs)
  })

  it('carries nothing over that stands around the PEM', () => {
    const dirty = `Subject: \u001b[2J\n${ca}evil: true\n`
    const text = buildKubeconfig({ ...cluster, ca: dirty, user: 'admin', certificate: cert, key }).reveal()
    expect(checkedKubeconfig(text).ca.trim()).toBe(ca.trim())
  })

  it('of any text is refused, or is the three that were in it', () => {
    const value = fc.oneof(fc.string(), fc.jsonValue(), fc.constant(base64(cert)), fc.constant(base64(ca)))
    fc.assert(
      fc.property(
        fc.constantFrom('cluster', 'user', 'context'),
        fc.dictionary(fc.string(), value),
        (kind, fields) => {
          let found: ReturnType<typeof checkedKubeconfig>
          try {
            found = checkedKubeconfig(planted(kind as 'user', fields))
          } catch (error) {
            expect(error).toBeInstanceOf(Error)
            return
          }
          expect([found.ca.trim(), found.cert.trim()]).toEqual([ca.trim(), cert.trim()])
        },
      ),
      { numRuns: 50 },
    )
  })
})
