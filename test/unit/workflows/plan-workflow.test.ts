import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.js'
import type { KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import { clusterConfiguration } from '../../../src/kubernetes/config/kubeadm-config.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'
import { planWorkflow } from '../../../src/workflows/execute.js'
import { ChangedHands, Hands } from '../../../src/workflows/hands.js'
import { contextOf, machine } from '../../support/context.js'
import { type FakeHost, fakeHost } from '../../support/fake-host.js'
import { clusterSpec } from '../../support/spec.js'
import { memoryStep, phaseOf } from '../engine/memory-step.js'

const spec = clusterSpec()
const refuse = (): never => {
  throw new Error('not asked for here')
}

/** An API that tells the cluster's configuration as the inventory of the test has it. */
const client: KubeClient = {
  get: async () => ({
    data: { ClusterConfiguration: renderYaml(clusterConfiguration(spec, releaseFor(spec.version))) },
  }),
  list: async () => [],
  watched: refuse,
  text: refuse,
  channels: refuse,
  create: refuse,
  createOwn: refuse,
  patch: refuse,
  delete: refuse,
  evict: refuse,
  close: () => {},
}

interface Options {
  preflight?: boolean
  api?: boolean
  wal?: boolean
  /** What happens between the first look and the looks at steps. */
  meanwhile?: (host: FakeHost) => Promise<unknown>
}

/** Plans three steps on cp1 for an inventory that wants this service subnet. */
async function plan(
  serviceSubnet: string,
  { preflight = true, api = true, wal = false, meanwhile }: Options = {},
) {
  const files: Record<string, string> = wal ? { '/var/lib/etcd/member/wal': '' } : {}
  const own = { ...machine({}, { kubernetes: true }), host: fakeHost('cp1', { files }) }
  const hands = await Hands.look([own], new Map(), { kind: 'change', epoch: 'e', words: 'me', first: false })
  await meanwhile?.(own.host)
  const kube = Object.assign(async () => (api ? client : Promise.reject(new Error('refused'))), {
    renew: () => {},
  })
  const wanted = { ...spec, networking: { ...spec.networking, serviceSubnet } }
  const phase = phaseOf(
    'p',
    memoryStep([], 'cp1/there', { there: true }),
    memoryStep([], 'cp1/x'),
    memoryStep([], 'cp1/y', { probe: () => Promise.reject(new Error('no answer')) }),
  )
  const workflow = { id: 'test', phases: [{ ...phase, steps: () => phase.steps(undefined) }] }
  const events: RunEvent[] = []
  const found = await planWorkflow(workflow, contextOf([own], { spec: wanted, kube }), {
    emit: (event) => events.push(event),
    now: () => 0,
    ignore: ['all'],
    preflight,
    hands,
  })
  return { ...found, events, host: own.host }
}

describe('planning', () => {
  test('is told that its looks are outdated when another run took the hosts over, or came and went', async () => {
    const meanwhile = async (host: FakeHost) => {
      await host.takeOver('other', 'up by ann@laptop')
      await host.letGo()
    }
    const outdated = plan(spec.networking.serviceSubnet, { meanwhile })
    await expect(outdated).rejects.toBeInstanceOf(ChangedHands)
    expect((await plan(spec.networking.serviceSubnet)).host.done).toEqual([])
  })

  test('counts what could not be looked at by itself', async () => {
    const { events } = await plan(spec.networking.serviceSubnet)
    expect(events.find(({ type }) => type === 'planned')).toMatchObject({
      converged: 1,
      changes: 1,
      unknown: 0,
      failed: 1,
    })
  })

  test('refuses what the inventory asks of a living cluster and up does not make', async () => {
    await expect(plan('10.200.0.0/16')).rejects.toMatchObject({
      kind: 'inventory',
      why: expect.stringContaining('networking.serviceSubnet'),
    })
    // a workflow that takes cluster and machines as they are refuses nothing
    await expect(plan('10.200.0.0/16', { preflight: false })).resolves.toBeDefined()
  })

  test('says that an API is silent, and stops where no disk tells either', async () => {
    await expect(plan(spec.networking.serviceSubnet, { api: false, wal: true })).rejects.toMatchObject({
      kind: 'step',
      message: expect.stringContaining('networking.serviceSubnet'),
      why: expect.stringContaining('refused'),
    })
    await expect(plan(spec.networking.serviceSubnet, { api: false })).resolves.toBeDefined()
  })
})
