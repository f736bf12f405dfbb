import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { Keyring } from '../../../../src/cluster/pki/keyring.js'
import { certificatePath, keyPath } from '../../../../src/cluster/pki/paths.js'
import { Late } from '../../../../src/engine/late.js'
import type { Work } from '../../../../src/engine/step.js'
import type { FileState } from '../../../../src/host/host.js'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { type Authorities, createAuthorities } from '../../../../src/pki/authorities.js'
import { type CertificateSpec, certificateTree } from '../../../../src/pki/certificates.js'
import { issue } from '../../../../src/pki/issue.js'
import { certificateStep } from '../../../../src/steps/pki/certificate-step.js'
import { unseen } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const born = new Date('2026-01-01T00:00:00Z')
const day = 86_400_000
const release = releaseFor(clusterSpec().version)
const spec = certificateTree(clusterSpec(), hostSpec(), release).find(
  ({ file }) => file === 'apiserver',
) as CertificateSpec
const certificate = certificatePath('apiserver')
const key = keyPath('apiserver')

let authorities: Authorities
let made: Awaited<ReturnType<typeof issue>>
beforeAll(async () => {
  authorities = await createAuthorities({ etcd: true, now: born, random: randomBytes })
  made = await issue(spec, authorities.kubernetes.signer, { now: born, random: randomBytes })
})

/** The step on a control plane that has the pair, so many days after its birth. */
function stepOn(days: number, mode = '0600') {
  const host = fakeHost('cp1', { files: { [certificate]: made.certificate, [key]: made.key.reveal() } })
  const { stat } = host
  host.stat = async (path, options): Promise<FileState> => {
    const state = await stat(path, options)
    return path === key && state.kind === 'file' ? { ...state, mode } : state
  }
  const held = new Late<Keyring>('the authorities')
  held.set(new Keyring(authorities, host))
  const own = { ...machine(), host }
  const context = contextOf([own], {
    authorities: held,
    now: () => new Date(born.getTime() + days * day),
    random: randomBytes,
  })
  return { host, step: certificateStep(context, own, spec, []) }
}
const kinds = async (days: number, mode?: string): Promise<string[]> => {
  const { step } = stepOn(days, mode)
  return step.diff(await step.probe()).map(({ kind }) => kind)
}

describe('a certificate', () => {
  test('is renewed ninety days before it expires, not when it has', async () => {
    expect(await kinds(200)).toEqual([])
    expect(await kinds(270)).toEqual([])
    expect(await kinds(276)).toEqual(['renew'])
    expect(await kinds(364)).toEqual(['renew'])
    expect(await kinds(400)).toEqual(['renew'])
  })

  test('whose key others can read gets its mode back, and nothing else is done to it', async () => {
    expect(await kinds(10, '0644')).toEqual(['access'])
    const { host, step } = stepOn(10, '0644')
    await step.apply([{ kind: 'access' }], unseen)
    expect(host.done).toEqual(['mutate chmod 0600 -- "$1"'])
  })

  test.each<[Work['kind'], string[]]>([
    ['create', [`write ${key}`, `write ${certificate}`]],
    [
      'renew',
      [
        `write ${key}.kubestrap-new`,
        `write ${certificate}.kubestrap-new`,
        `mutate put ${certificate} and its key in place`,
      ],
    ],
  ])(
    'of which there is work of kind %s is written so that no cut leaves a pair that does not fit',
    async (kind, done) => {
      const { host, step } = stepOn(10)
      await step.apply([{ kind }], unseen)
      expect(host.done).toEqual(done)
    },
  )
})
