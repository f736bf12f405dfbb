import { expect, test } from 'vitest'
import { flannel } from '../../../src/networks/flannel/flannel.js'
import { addOns } from '../../../src/phases/add-ons.js'
import { podNetwork } from '../../../src/phases/pod-network.js'
import { contextOf, machine } from '../../support/context.js'

const context = contextOf([machine()], { network: flannel })
const needs = new Map(addOns.steps(context).map((step) => [step.id, step.needs ?? []]))

test("flannel's namespace is there before what is in it, and its Pods come last", () => {
  const namespace = 'cluster/object:Namespace:kube-flannel'
  const inside = [
    'object:ServiceAccount:kube-flannel/flannel',
    'object:ConfigMap:kube-flannel/kube-flannel-cfg',
  ]
  for (const id of inside) expect(needs.get(id)).toContain(namespace)
  expect(needs.get('object:DaemonSet:kube-flannel/kube-flannel-ds')).toEqual(
    expect.arrayContaining([namespace, ...inside.map((id) => `cluster/${id}`)]),
  )
})

test('CoreDNS starts when its account, rights and configuration are there', () => {
  const wanted = [...needs.keys()].filter((id) => /^object:.*coredns/.test(id) && !id.includes('Deployment'))
  expect(wanted.length).toBeGreaterThan(3)
  expect(needs.get('object:Deployment:kube-system/coredns')).toEqual(
    expect.arrayContaining(wanted.map((id) => `cluster/${id}`)),
  )
})

test('no kubelet is started for a network before its node is there', () => {
  const sees = podNetwork.steps(context).find(({ id }) => id === 'kubelet-sees-network')
  expect(sees?.needs).toContain('cluster/node:cp1')
})

test("flannel's Pods start anew after its configuration was changed", () => {
  expect(needs.get('rollout:DaemonSet:kube-flannel/kube-flannel-ds')).toEqual(
    expect.arrayContaining([
      'cluster/object:ConfigMap:kube-flannel/kube-flannel-cfg',
      'cluster/object:DaemonSet:kube-flannel/kube-flannel-ds',
    ]),
  )
})

test('what version 0.1.0 created of flannel is what is wanted today: nothing of a living cluster restarts', () => {
  const template = { metadata: { labels: { app: 'flannel', tier: 'node', 'k8s-app': 'flannel' } } }
  const [daemonSet] = flannel
    .objects({ podSubnet: '10.244.0.0/16', flannel: { backend: 'vxlan' } })
    .filter(({ kind }) => kind === 'DaemonSet')
  expect(daemonSet).toMatchObject({ spec: { template } })
  expect(JSON.stringify(daemonSet)).not.toContain('kubestrap.io/')
})
