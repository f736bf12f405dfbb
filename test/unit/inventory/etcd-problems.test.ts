import { describe, expect, it } from 'vitest'
import { changed, decode, good, said } from './support.js'

const digest = 'a'.repeat(64)
/** The good inventory with a section etcd on line 7 and hosts at its end. */
const withEtcd = (settings: string, hosts = ''): string =>
  `${settings === '' ? good : changed('binaries:', `etcd: ${settings}\nbinaries:`)}${hosts}`
const members = [1, 2, 3].map((n) => `  e${n}: { address: 192.0.2.3${n}, roles: [etcd] }\n`).join('')
const theirs = (rest: string): string =>
  `{ external: { endpoints: ["https://etcd.example.com:2379"], ${rest} } }`

describe('etcd', () => {
  it.each([
    ['on hosts of its own', withEtcd('', members)],
    ['from a release', withEtcd(`{ tarball: { file: ./etcd.tar.gz, sha256: ${digest} } }`, members)],
    ['from the bundle', withEtcd('{ install: bundle }', members)],
    [
      'beside a load balancer',
      `${withEtcd('{ install: package }', members.replace('[etcd]', '[etcd, load-balancer]')).replace('binaries:', 'loadBalancer: { type: haproxy }\nbinaries:')}`,
    ],
    ['somebody else’s, with files here', withEtcd(theirs('ca: ca.crt, cert: c.crt, key: c.key'))],
    ['somebody else’s, with files there', withEtcd(theirs('caFile: /a, certFile: /b, keyFile: /c'))],
  ])('may be %s', (_what, text) => {
    expect(said(text)).toEqual([])
  })

  it.each([
    [
      'beside an API server by its role',
      withEtcd('', '  e1: { address: 192.0.2.31, roles: [etcd, control-plane] }\n'),
      'i.yaml:16:37: e1 has the roles etcd and control-plane → without the role etcd on any host, every control plane node runs a member; else use a separate host for etcd',
    ],
    [
      'beside pods',
      withEtcd('', '  e1: { address: 192.0.2.31, roles: [etcd, worker] }\n'),
      'i.yaml:16:37: e1 has the roles etcd and worker → use a separate host for etcd: Pods on the same host would use its disk and memory',
    ],
    [
      'installed nowhere',
      withEtcd('{ install: package }'),
      'i.yaml:7:9: etcd.install applies to hosts with the role etcd, and there are none → remove it, or give hosts that role',
    ],
    [
      'from a release that is not named',
      withEtcd('{ install: tarball }', members),
      'i.yaml:7:18: etcd.tarball is not set → set etcd: { tarball: { file: etcd-vX.Y.Z-linux-amd64.tar.gz, sha256: DIGEST } }',
    ],
    [
      'from two places',
      withEtcd(`{ install: bundle, tarball: { file: a, sha256: ${digest} } }`, members),
      'i.yaml:7:18: install is bundle, and etcd.tarball is set → use one of the two',
    ],
    [
      'from a release with a digest that is none',
      withEtcd('{ tarball: { file: a, sha256: abc } }', members),
      'i.yaml:7:37: "abc" is not a SHA-256 → 64 hexadecimal digits, as sha256sum prints them',
    ],
    [
      'both ours and somebody else’s',
      withEtcd(theirs('ca: a, cert: b, key: c'), members),
      'i.yaml:7:9: etcd is external, and e1 has the role etcd → use one of the two',
    ],
    [
      'at a URL without a port',
      withEtcd(theirs('ca: a, cert: b, key: c').replace(':2379', '')),
      'i.yaml:7:33: "https://etcd.example.com" is not a client URL of etcd → use a URL such as https://10.0.0.31:2379',
    ],
    [
      'with files here and there',
      withEtcd(theirs('ca: a, certFile: /b, keyFile: /c')),
      'i.yaml:7:9: ca and certFile, keyFile both name the files of the client → use ca, cert, key for local files; caFile, certFile, keyFile for files on the control plane nodes',
    ],
    [
      'without a key',
      withEtcd(theirs('ca: a, cert: b')),
      'i.yaml:7:9: the CA certificate, a client certificate and its key are required → set ca, cert and key: local files',
    ],
    [
      'with a path there that is relative',
      withEtcd(theirs('caFile: a.crt, certFile: /b, keyFile: /c')),
      'i.yaml:7:75: "a.crt" is not the path of a file → an absolute path of letters, digits, ".", "_", "-", "+" and "@", without "..": /etc/kubernetes/pki/etcd/ca.crt',
    ],
  ])('may not be %s', (_what, text, sentence) => {
    expect(said(text)).toEqual([sentence])
  })

  it('on hosts of its own is what the API servers are told, at kubeadm’s paths', () => {
    const { etcd } = decode(withEtcd('', members))
    expect(etcd).toMatchObject({
      external: {
        endpoints: ['https://192.0.2.31:2379', 'https://192.0.2.32:2379', 'https://192.0.2.33:2379'],
        caFile: '/etc/kubernetes/pki/etcd/ca.crt',
        certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
        keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
      },
      install: { from: 'package' },
    })
    expect(etcd.external?.local).toBeUndefined()
  })

  it('that is there has its client’s files here copied to those paths, or left where they are', () => {
    const here = decode(withEtcd(theirs('ca: ca.crt, cert: ~/c.crt, key: /k'))).etcd.external
    expect(here?.local).toEqual({ ca: '/etc/ks/ca.crt', cert: '/home/me/c.crt', key: '/k' })
    expect(here?.keyFile).toBe('/etc/kubernetes/pki/apiserver-etcd-client.key')
    const there = decode(withEtcd(theirs('caFile: /a, certFile: /b, keyFile: /c'))).etcd.external
    expect(there).toMatchObject({ caFile: '/a', certFile: '/b', keyFile: '/c' })
    expect(there?.local).toBeUndefined()
  })

  it('takes a release by its path from the inventory, and its digest in any case', () => {
    const text = withEtcd(`{ tarball: { file: ./e.tar.gz, sha256: ${digest.toUpperCase()} } }`, members)
    expect(decode(text).etcd.install).toEqual({ from: 'tarball', file: '/etc/ks/e.tar.gz', sha256: digest })
  })

  it('names settings that mean nothing to an etcd of somebody else, or to one that runs no image', () => {
    const other = said(
      withEtcd(
        theirs('ca: a, cert: b, key: c').replace('{ external', '{ dataDir: /data, extraArgs: {}, external'),
      ),
    )
    expect(other.join('\n')).toMatch(/etcd\.dataDir has no effect with an external etcd/)
    expect(other.join('\n')).toMatch(/etcd\.extraArgs has no effect/)
    expect(said(withEtcd('{ imageTag: "3.4.23-0" }', members)).join('\n')).toMatch(
      /etcd\.imageTag has no effect/,
    )
    expect(said(withEtcd('{ imageTag: "3.4.23-0" }'))).toEqual([])
  })

  it('says nothing of who has which role while a role cannot be read', () => {
    const text = withEtcd('{ install: package }', '  e1: { address: 192.0.2.31, roles: [etdc] }\n')
    expect(said(text).join('\n')).not.toMatch(/etcd\.install/)
    expect(said(text)).toHaveLength(1)
  })
})
