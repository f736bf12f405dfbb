import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createToken } from '../../../src/operations/tokens.js'
import { createAuthority } from '../../../src/pki/authorities.js'
import { spkiHash } from '../../../src/pki/fingerprint.js'
import { contextOf, machine } from '../../support/context.js'

test('a line for kubeadm join pins each CA that cluster-info names', async () => {
  const make = async () =>
    (await createAuthority('kubernetes', { now: new Date(), random: randomBytes })).signer.certificate
  const authorities = [await make(), await make()]
  const data = Buffer.from(authorities.join('')).toString('base64')
  const cluster = { server: 'https://a:6443', 'certificate-authority-data': data }
  const kubeconfig = JSON.stringify({ clusters: [{ name: '', cluster }] })
  const kube = { get: async () => ({ data: { kubeconfig } }), createOwn: async () => {} }
  const context = contextOf([machine()], {
    kube: Object.assign(async () => kube as never, { renew: () => {} }),
    random: randomBytes,
  })
  const line = await createToken(context, { ttlMs: 1000, description: '' })
  const pins = [...line.reveal().matchAll(/--discovery-token-ca-cert-hash (\S+)/g)].map(([, pin]) => pin)
  expect(pins).toEqual(authorities.map(spkiHash))
})
