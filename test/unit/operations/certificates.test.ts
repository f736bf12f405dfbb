import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { certificateRows, certificateTroubles } from '../../../src/operations/certificates.js'
import { type Authority, createAuthority } from '../../../src/pki/authorities.js'
import { certificateTree, kubeletCertificate } from '../../../src/pki/certificates.js'
import { aged } from '../../support/certificates.js'
import { contextOf, machine } from '../../support/context.js'
import { fileHost } from '../../support/file-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const now = new Date()
let ca: Authority
beforeAll(async () => {
  ca = await createAuthority('kubernetes', { now, random: randomBytes })
})

/** What the script prints of a control plane whose certificates have so many days. */
function seen(parts: Readonly<Record<string, number | string>>): string {
  const { spec: host, release } = machine()
  const [spec] = certificateTree(contextOf([]).spec, host, release.wanted)
  const kubelet = kubeletCertificate(host, release.wanted)
  if (!spec) throw new Error('no certificates')
  return Object.entries(parts)
    .map(([name, days]) => {
      const of = name === 'kubelet.conf' ? kubelet : spec
      return `@ ${name}\n${typeof days === 'string' ? days : aged(of, ca, now, days).certificate}\n`
    })
    .join('')
}

async function rowsOf(parts: Readonly<Record<string, number | string>>) {
  const text = `@ ca\n${ca.signer.certificate}\n${seen(parts)}@end\n`
  const found = fileHost(machine(), {}, () => text)
  return certificateRows(contextOf([found.machine], { now: () => now }))
}

test('what up renews now is told apart from what is valid, expired, or not read', async () => {
  const rows = await rowsOf({
    apiserver: 10,
    'etcd/server': 100,
    'admin.conf': -1,
    'scheduler.conf': 'nonsense',
  })
  expect(rows.map(({ name, state }) => [name, state])).toEqual([
    ['ca', 'valid'],
    ['apiserver', 'due'],
    ['etcd/server', 'valid'],
    ['admin.conf', 'expired'],
    ['scheduler.conf', 'unreadable'],
  ])
  const troubles = certificateTroubles(rows)
  expect(troubles).toEqual([
    expect.stringMatching(/^admin\.conf on cp1 expired on 20.*: kubestrap up renews it$/),
    'scheduler.conf on cp1 is not a certificate',
  ])
})

test("a kubelet's is its own to renew, until it has expired", async () => {
  const soon = await rowsOf({ 'kubelet.conf': 5 })
  expect(soon.at(-1)).toMatchObject({ name: 'kubelet.conf', state: 'valid', renewedBy: 'kubelet' })
  expect(certificateTroubles(soon)).toEqual([])
  expect(certificateTroubles(await rowsOf({ 'kubelet.conf': -5 }))).toEqual([
    expect.stringContaining('kubestrap up joins cp1 again'),
  ])
})

/** What is told of a host with these files of its own, and with programs that fail. */
async function looked(shims: Record<string, string>, files: Record<string, string> = {}) {
  const host = shimmedHost('cp1', shims, files)
  try {
    return await certificateRows(contextOf([{ ...machine(), host }], { now: () => now }))
  } finally {
    host.remove()
  }
}
/** One that refuses a file it would otherwise read. */
const refusing = (program: string, file: string): string =>
  `case "$*" in *${file}*) echo "${file}: Input/output error" >&2; exit 1 ;; esac; exec /usr/bin/${program} "$@"`

test('the look reads each kind of file, and finds nothing where there is nothing', async () => {
  const pem = ca.signer.certificate
  const conf = `users:\n- user:\n    client-certificate-data: ${Buffer.from(pem).toString('base64')}\n`
  const rows = await looked(
    {},
    {
      '/etc/kubernetes/pki/ca.crt': pem,
      '/etc/kubernetes/pki/etcd/server.crt': 'nonsense',
      '/etc/kubernetes/admin.conf': conf,
      '/var/lib/kubelet/pki/kubelet-client-current.pem': `${pem}\n`,
    },
  )
  expect(rows.map(({ name, state }) => [name, state])).toEqual([
    ['ca', 'valid'],
    ['etcd/server', 'unreadable'],
    ['admin.conf', 'valid'],
    ['kubelet.conf', 'valid'],
  ])
  expect(await looked({})).toEqual([])
})

test.each([
  ['a certificate', 'cat', 'ca.crt'],
  ['a kubeconfig', 'sed', 'admin.conf'],
  ["the kubelet's certificate", 'sed', 'kubelet-client-current.pem'],
  ['a directory', 'ls', 'pki/etcd'],
])('%s that cannot be read is none that is not there', async (_, program, file) => {
  const files = {
    '/etc/kubernetes/pki/ca.crt': 'x',
    '/etc/kubernetes/pki/etcd/ca.crt': 'x',
    '/etc/kubernetes/admin.conf': 'x',
    '/var/lib/kubelet/pki/kubelet-client-current.pem': 'x',
  }
  await expect(looked({ [program]: refusing(program, file) }, files)).rejects.toMatchObject({
    kind: 'step',
    host: 'cp1',
    message: 'could not check its certificates',
    why: expect.stringContaining(`${file}: Input/output error`),
  })
})

test('an answer that was cut is no host without certificates', async () => {
  const found = fileHost(machine(), {}, () => `@ ca\n${ca.signer.certificate}`)
  await expect(certificateRows(contextOf([found.machine]))).rejects.toThrow(
    'could not check its certificates',
  )
})
