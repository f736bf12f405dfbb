import { expect, it } from 'vitest'
import type { HostSummary, PlanSummary } from '../../../src/engine/summary.js'
import { changesText, interruptionsText } from '../../../src/ui/plan-summary.js'

const summary = (over: Partial<PlanSummary>): PlanSummary => ({
  birth: false,
  steps: { converged: 0, changes: 0, unknown: 0, failed: 0 },
  hosts: [],
  interruptions: [],
  ...over,
})

const host = (name: string, create: number): HostSummary => ({
  host: name,
  phases: [
    { phase: 'host', changes: { create, update: 1 }, unknown: 0, failed: 0 },
    { phase: 'kubelet', changes: {}, unknown: 2, failed: 1 },
  ],
})

it('hosts with the same changes share their rows', () => {
  const workers = Array.from({ length: 29 }, (_, i) => host(`w${i + 1}`, 3))
  expect(changesText(summary({ hosts: [host('cp1', 4), ...workers] }))).toBe(`\
HOST                 PHASE    CHANGES
cp1                  host     4 create, 1 update
                     kubelet  2 known after apply, 1 could not be checked
w1 … w29 (29 hosts)  host     3 create, 1 update
                     kubelet  2 known after apply, 1 could not be checked
`)
})

it('nothing to do is no table, and nothing interrupted no paragraph', () => {
  expect(changesText(summary({}))).toBe('')
  expect(interruptionsText(summary({}))).toBe('')
})

it('what is interrupted is told host by host, in 80 columns', () => {
  const text = interruptionsText(
    summary({
      interruptions: [
        {
          host: 'cp1',
          restarts: ['docker.service', 'kubelet.service'],
          recreates: ['kube-apiserver', 'etcd'],
          workloads: ['DaemonSet kube-proxy'],
          resumed: [],
          removes: [],
          drained: true,
          lacks: ['node', 'etcd'],
          maybe: [],
          seconds: 1.7,
        },
      ],
    }),
  )
  expect(text).toBe(`\
Interrupts:
  cp1: drains the node; restarts docker.service, kubelet.service; recreates
    static Pods kube-apiserver, etcd; recreates the Pods of DaemonSet
    kube-proxy; the cluster lacks meanwhile: the node, an etcd member; clients
    wait for up to about 1.7 s
`)
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})
