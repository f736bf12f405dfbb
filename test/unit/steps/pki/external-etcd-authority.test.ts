import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthorities } from '../../../../src/pki/authorities.js'
import { authoritiesStep } from '../../../../src/steps/pki/authorities-step.js'
import { filesOf } from '../../../../src/steps/pki/authority-files.js'
import { planesShare } from '../../../../src/steps/pki/shared-authorities-step.js'
import { lookAt } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { clusterSpec } from '../../../support/spec.js'

// seen: a run with etcd hosts was killed, and the next asked the first control plane for etcd's key
test('a control plane with the certificate of an etcd elsewhere shares its own authorities and no key of etcd', async () => {
  const made = await createAuthorities({ etcd: true, now: new Date(), random: randomBytes })
  const files = Object.fromEntries(
    filesOf(made)
      .filter(({ path }) => path !== 'etcd/ca.key')
      .map(({ path, content }) => [
        `/etc/kubernetes/pki/${path}`,
        typeof content === 'string' ? content : content.reveal(),
      ]),
  )
  const host = fakeHost('cp1', {
    files,
    answer: ({ script, args = [] }) => {
      if (!script.startsWith('cat ')) return { stdout: Buffer.from('ca.crt') }
      const text = files[args.at(-1) ?? '']
      return text === undefined ? { code: 1, stderr: 'No such file' } : { stdout: Buffer.from(text) }
    },
  })
  const first = { ...machine({ name: 'cp1' }), host }
  const external = { endpoints: ['https://e1:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' }
  const spec = clusterSpec({ etcd: { ...clusterSpec().etcd, external }, hosts: [first.spec] })
  const context = contextOf([first], { spec })
  const step = authoritiesStep(context, first)
  expect((await lookAt(step)).changes).toEqual([])
  const shared = (await planesShare(context).files()).map(({ path }) => path).sort()
  expect(shared).toEqual(['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.key', 'sa.pub'])
})
