import { expect, test } from 'vitest'
import { bridge } from '../../../../src/networks/bridge/bridge.js'
import { dockerByCri } from '../../../../src/runtimes/docker/cri-dockerd.js'
import { cniChain } from '../../../../src/steps/reset/netfilter/chains.js'
import { handingOverStep } from '../../../../src/steps/rollout/handing-over-step.js'
import { applyNow } from '../../../support/apply-now.js'
import { contextOf, machine, withVersion } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const [network = ''] = bridge.cniNames
const chainOf = (id: string): string => cniChain(network, id, 'DN-')
const jumpTo = (id: string): string =>
  `CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"${network}\\" id: \\"${id}\\"" -m multiport --dports 80 -j ${chainOf(id)}`
const rules = `@iptables-nft
*nat
:CNI-HOSTPORT-DNAT - [0:0]
:${chainOf('abc')} - [0:0]
:${chainOf('other')} - [0:0]
-A ${jumpTo('abc')}
-A ${jumpTo('other')}
COMMIT
@end
`

function stepAt(version: string, over: { kubernetes?: boolean } = { kubernetes: true }) {
  const given: string[] = []
  const host = fakeHost('w1', {
    answer: ({ script }) => ({
      stdout: Buffer.from(script.includes('-save') ? rules : 'restart 1 Pods with host ports\n'),
    }),
    onMutate: ({ what = '', args = [], stdin }) => {
      given.push([...args, stdin].join(' '))
      return what.startsWith('end Pods') ? { stdout: Buffer.from('abc\n') } : {}
    },
  })
  const node = { ...withVersion(version, machine({ name: 'w1', roles: ['worker'] }, over)), host }
  const context = { ...contextOf([node], { network: bridge }), runtime: dockerByCri }
  return { host, given, steps: handingOverStep(context, node) }
}

test('Pods of dockershim with host ports end with their rules, and no other is touched', async () => {
  const { host, given, steps } = stepAt('1.24.17')
  const [step] = steps
  if (step === undefined) throw new Error('no step')
  expect((await applyNow(step)).map(({ summary }) => summary)).toEqual(['restart 1 Pods with host ports'])
  expect(step.vacates?.([])).toBe(true)
  expect(host.done).toEqual([
    'mutate end Pods with host ports on docker',
    'mutate delete netfilter chains (iptables-nft)',
    'mutate release the addresses of Pods that ended',
    'mutate hand Pods to cri-dockerd',
  ])
  expect(given.slice(0, 3)).toEqual([
    'kubelet.service ',
    `iptables-nft *nat\n-D ${jumpTo('abc')}\n-F ${chainOf('abc')}\n-X ${chainOf('abc')}\nCOMMIT\n`,
    `${network} abc `,
  ])
})

test('nothing is asked of kubelets that have their socket from a file, nor of machines that are no nodes', () => {
  expect(stepAt('1.36.3').steps).toEqual([])
  expect(stepAt('1.24.17', {}).steps).toEqual([])
})
