import { expect, test } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { authoritiesStep } from '../../../src/steps/pki/authorities-step.js'
import { manifestStep } from '../../../src/steps/static-pods/manifest-step.js'
import { disruptionOf, isMember } from '../../../src/steps/static-pods/restart-pod.js'
import { up } from '../../../src/workflows/up.js'
import { lookAt } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { clusterSpec } from '../../support/spec.js'

const planes = [1, 2, 3].map((n) => machine({ name: `cp${n}`, address: `10.88.0.1${n}` }))
const w1 = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })
const all = [...planes, w1]
const [cp1] = planes
if (!cp1) throw new Error('no control plane')

/** A run that reaches cp1 alone. */
const context = {
  ...contextOf([cp1], { spec: clusterSpec({ hosts: all.map(({ spec }) => spec) }) }),
  away: new Set(['cp2', 'cp3', 'w1']),
}

test('nothing is done on a host that is away, or about its Node', () => {
  const about = buildGraph(up.phases, context).nodes.filter(({ step: { target, node } }) =>
    ['cp2', 'cp3', 'w1'].some((name) => name === target || name === node),
  )
  expect(about.map(({ key }) => key)).toEqual([])
})

test('one control plane that is reached alone is still one of several: its member is restarted only when others can spare it', () => {
  expect(isMember(context, 'etcd')).toBe(true)
  expect(disruptionOf(context, 'kube-apiserver')).toBe('etcd')
  const step = manifestStep(context, cp1, 'kube-apiserver')
  expect(step.disrupts?.([{ kind: 'update' }])).toBe('etcd')
})

test('authorities are not created while a control plane that may have them is away', async () => {
  const own = { ...cp1, host: fakeHost('cp1') }
  const blind = { ...context, machines: [own] }
  await expect(lookAt(authoritiesStep(blind, own))).rejects.toThrow(
    'certificate authorities are created only when every control plane node is seen',
  )
  const whole = { ...blind, away: new Set(['w1']) }
  expect((await lookAt(authoritiesStep(whole, own))).changes).toMatchObject([{ kind: 'create' }])
})

test('the routes to the Pods of a node that is away stay', async () => {
  const other = '10.244.3.0/24'
  const own = {
    ...cp1,
    host: fakeHost('cp1', {
      answer: ({ script }) =>
        script.includes('route show')
          ? { stdout: Buffer.from(`file ${other} 10.88.0.21 w1\n${other} via 10.88.0.21 dev eth0\n`) }
          : undefined,
    }),
  }
  const { nodes } = buildGraph(up.phases, {
    ...context,
    machines: [own],
    planes: { ...context.planes, leader: own },
  })
  const routes = nodes.find(({ key }) => key === 'cp1/routes')
  const seen = await routes?.step.probe()
  expect(routes?.step.diff(seen)).toEqual([])
})
