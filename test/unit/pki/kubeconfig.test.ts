import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/lib/secret.js'
import {
  bootstrapKubeconfig,
  buildKubeconfig,
  kubeletKubeconfig,
  parseKubeconfig,
} from '../../../src/pki/kubeconfig.js'

const cluster = {
  clusterName: 'lab',
  server: 'https://[fd00::1]:6443',
  ca: '-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n',
}
const key = new Secret('-----BEGIN RSA PRIVATE KEY-----\nkey\n-----END RSA PRIVATE KEY-----\n')
const certificate = cluster.ca.replace('ca', 'cert')
const built = buildKubeconfig({ ...cluster, user: 'admin', certificate, key }).reveal()

describe('Kubeconfigs', () => {
  it('what is built is read back', () => {
    const { server, ca, credentials, user } = parseKubeconfig(built)
    expect({ server, ca, user, cert: credentials.cert, key: credentials.key.reveal() }).toEqual({
      server: cluster.server,
      ca: cluster.ca,
      user: 'admin',
      cert: certificate,
      key: key.reveal(),
    })
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

  it.each([
    ['', 'the kubeconfig is not a YAML mapping'],
    ['{', 'the kubeconfig is not YAML'],
    ['a: 1', 'the kubeconfig has no current-context'],
    [built.replace('current-context: admin@lab', 'current-context: other'), 'has no context "other"'],
    [built.replace(/client-key-data: .*/, 'client-key: /a/file'), 'no embedded client-key-data'],
    [built.replace(/client-key-data: .*/, 'client-key-data: AAAA'), 'client-key-data of the kubeconfig'],
  ])('%# says in plain words what is wrong: %j', (text, words) => {
    expect(() => parseKubeconfig(text)).toThrow(words)
  })

  it('an error never quotes the file', () => {
    const broken = built.replace('users:', 'users: ]')
    expect(() => parseKubeconfig(broken)).toThrow(/^the kubeconfig is not YAML$/)
  })
})
