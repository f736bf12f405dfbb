import { expect, test } from 'vitest'
import { bridge } from '../../../../src/networks/bridge/bridge.js'
import { docker } from '../../../../src/runtimes/docker/docker.js'
import { cniChain } from '../../../../src/steps/reset/netfilter/chains.js'
import { formerRuntimeStep } from '../../../../src/steps/rollout/former-runtime-step.js'
import { applyNow } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const [network = ''] = bridge.cniNames
const chain = cniChain(network, 'abc', 'DN-')
const jump = `CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"${network}\\" id: \\"abc\\"" -m multiport --dports 80 -j ${chain}`
const rules = `@iptables-nft
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:${chain} - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A ${jump}
-A ${chain} -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.1.6:8080
COMMIT
@end
`

test('host ports of Pods end with their runtime, before what a run that is cut finds again', async () => {
  const given: string[] = []
  const host = fakeHost('w1', {
    answer: ({ script }) => ({
      stdout: Buffer.from(script.includes('-save') ? rules : 'remove 2 containers of Pods\n'),
    }),
    onMutate: ({ args = [], stdin }) => {
      given.push([...args, stdin].join(' '))
      return {}
    },
  })
  const node = { ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: true }), host }
  const runtimeChange = { from: docker, nodes: new Set(['w1']), silent: false }
  const [step] = formerRuntimeStep(contextOf([node], { network: bridge, runtimeChange }), node)
  if (step === undefined) throw new Error('no step')
  expect((await applyNow(step)).map(({ summary }) => summary)).toEqual(['remove 2 containers of Pods'])
  expect(host.done).toEqual([
    'mutate end what runs on docker',
    'mutate delete netfilter chains (iptables-nft)',
    'mutate leave docker',
  ])
  expect(given[1]).toBe(`iptables-nft *nat\n-D ${jump}\n-F ${chain}\n-X ${chain}\nCOMMIT\n`)
})
