import { expect, test } from 'vitest'
import { halfWritten, halfWrittenStep } from '../../../../src/steps/kubelet/half-written.js'
import { kubeletPemPath } from '../../../../src/steps/kubelet/kubelet-pem.js'
import { applyNow } from '../../../support/apply-now.js'
import { machine } from '../../../support/context.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

const block = (kind: string): string => `-----BEGIN ${kind}-----\nMII=\n-----END ${kind}-----\n`
const certificate = block('CERTIFICATE')
const key = block('RSA PRIVATE KEY')
const pki = '/var/lib/kubelet/pki'
const [crt, own] = [`${pki}/kubelet.crt`, `${pki}/kubelet.key`]
const server = `${pki}/kubelet-server-current.pem`
const whole = {
  [crt]: certificate + certificate,
  [own]: key,
  [server]: certificate + block('EC PRIVATE KEY'),
  [kubeletPemPath]: certificate + block('PRIVATE KEY'),
}

async function found(files: Record<string, string>): Promise<string[]> {
  const host = shimmedHost('w1', {}, files)
  try {
    return await halfWritten(host)
  } finally {
    host.remove()
  }
}

test.each<[string, Record<string, string>, string[]]>([
  ['none has begun', {}, []],
  ['all are whole', whole, []],
  // what a full disk left: "certificate and key must be supplied as a pair"
  ['a certificate has no key', { [crt]: certificate }, [crt]],
  ['a key has no certificate', { [own]: key }, [own]],
  ['one of a pair is empty', { [crt]: '', [own]: key }, [crt, own]],
  ['one of a pair ends in the middle', { [crt]: certificate, [own]: key.slice(0, 40) }, [crt, own]],
  ['one that holds both is empty', { ...whole, [server]: '' }, [server]],
  ['one that holds both lacks its key', { ...whole, [kubeletPemPath]: certificate }, [kubeletPemPath]],
  ['a link leads to nothing', { ...whole, [kubeletPemPath]: '-> gone.pem' }, [kubeletPemPath]],
])(
  'of the certificates that a kubelet makes those are found that are not whole: %s',
  async (_, files, those) => {
    expect(await found(files)).toEqual(those)
  },
)

test('what it serves with is removed, and made anew by it; its client certificate is another step’s', async () => {
  const host = shimmedHost('w1', {}, { ...whole, [own]: '', [kubeletPemPath]: '' })
  try {
    const step = halfWrittenStep({ ...machine(), host })
    expect(step.diff(await step.probe()).map(({ subjects }) => subjects)).toEqual([[crt], [own]])
    await applyNow(step)
    expect(await halfWritten(host)).toEqual([kubeletPemPath])
    expect(host.done).toEqual(["mutate remove the kubelet's half-written certificates"])
  } finally {
    host.remove()
  }
})

test('a file that cannot be read is no half-written one', async () => {
  const host = shimmedHost('w1', { grep: 'echo "Input/output error" >&2; exit 2' }, whole)
  try {
    await expect(halfWritten(host)).rejects.toMatchObject({ kind: 'connection', why: 'Input/output error' })
  } finally {
    host.remove()
  }
})
