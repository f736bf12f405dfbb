import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost } from '../../../src/host/remote-host.js'
import { cordonedLabel } from '../../../src/steps/rollout/cordon.js'
import { drain, uncordon } from '../../../src/workflows/drain.js'
import { withLost } from '../../../src/workflows/outsiders/outsiders.js'
import { reset } from '../../../src/workflows/reset.js'
import { whyNot } from '../../support/e2e-lab.js'
import { kubectl } from '../../support/simulated/convergence.js'
import { cutAt, type Side } from '../../support/simulated/cut.js'
import { type Ran, type RunOptions, runUp } from '../../support/simulated/run-up.js'
import { simulatedConnection } from '../../support/simulated/simulated-connection.js'
import { simulatedSpec } from '../../support/simulated/spec.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()
const how = { timeoutMs: 3_000, deleteEmptyDirData: true, force: false }

/**
 * A Pod that ends at once: no kubelet here runs any.
 * @param owner uid of what it belongs to, a ConfigMap, which recreates nothing; '' for none
 */
const podOf = (name: string, owner: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: name },
      ...(owner
        ? {
            ownerReferences: [
              { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner, controller: true },
            ],
          }
        : {}),
    },
    spec: {
      nodeName: 'w1',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'docker.io/library/kubestrap-verify:1' }],
    },
  })

// One cluster of two simulated hosts (see simulated-host.ts), both of which take Pods; the tests build on one another.
describe.skipIf(reason !== undefined)(`a node that leaves${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stage: Stage
  let world: World
  let owner = ''
  beforeAll(async () => {
    stage = await Stage.set()
    world = await stage.world()
    expect((await runUp(world, spec())).errors).toEqual([])
    owner = await kubectl(world, "create configmap owner -o jsonpath='{.metadata.uid}'")
  })
  afterAll(() => stage?.strike())

  const spec = () =>
    simulatedSpec(stage.materials.bundle, (text) =>
      text.replace('[control-plane]', '[control-plane, worker]'),
    )
  const run = (options: RunOptions): Promise<Ran> => runUp(world, spec(), options)
  const drained = (over: Partial<typeof how> = {}, more: RunOptions = {}): Promise<Ran> =>
    run({ instead: drain(['w1'], { ...how, ...over }), only: ({ name }) => name === 'cp1', ...more })
  const leaves = (over: Partial<typeof how> | undefined = {}, more: RunOptions = {}): Promise<Ran> =>
    run({
      instead: reset({
        command: 'remove',
        hosts: ['w1'],
        packages: false,
        images: false,
        gone: false,
        drain: over && { ...how, ...over },
        onLeft: () => {},
      }),
      leaving: { hosts: ['w1'], command: 'remove' },
      ...more,
    })
  const make = (...pods: string[]): Promise<string> =>
    kubectl(world, `create -f - <<'END'\n${pods.join('\n')}\nEND`)
  /** A Pod that runs, as far as the API knows, and may not leave: of one that is Pending no budget is asked. */
  const hold = async (): Promise<void> => {
    await make(podOf('held', owner))
    await kubectl(
      world,
      `get pod held -o json | sed 's/"phase": "Pending"/"phase": "Running"/' | /opt/simulated/v*/kubectl replace --raw /api/v1/namespaces/default/pods/held/status -f -`,
    )
    await kubectl(world, 'create pdb held --selector=app=held --min-available=1')
  }
  const pods = async (): Promise<string> =>
    (await kubectl(world, "get pods -o jsonpath='{.items[*].metadata.name}'")).trim()
  const cordon = async (): Promise<string> =>
    (
      await kubectl(
        world,
        `get node w1 -o jsonpath='{.spec.unschedulable} {.metadata.labels.${cordonedLabel.replaceAll('.', '\\.')}}'`,
      )
    ).trim()

  test('is drained within the budgets, with the cordon of a person, which up leaves', async () => {
    await make(podOf('web', owner))
    await hold()
    const stuck = await drained()
    expect(stuck.errors.join()).toContain('w1 was not drained within 3 s')
    expect(stuck.errors.join()).toContain('disruption budget')
    expect(await pods()).toBe('held')
    expect(await cordon()).toBe('true')
    expect(await run({})).toMatchObject({ ok: true, changed: [], mutations: [] })
    await kubectl(world, 'delete pdb held')
    expect(await drained()).toMatchObject({ ok: true, changed: ['cluster/drain:w1'] })
    expect(await pods()).toBe('')
    expect(await drained()).toMatchObject({ ok: true, changed: [] })
    expect(await run({ instead: uncordon(['w1']) })).toMatchObject({
      ok: true,
      changed: ['cluster/uncordon:w1'],
    })
    expect(await cordon()).toBe('')
  })

  test('keeps a Pod that nothing recreates: nothing is changed', async () => {
    await make(podOf('bare', ''), podOf('web', owner))
    const ran = await drained()
    expect(ran.errors).toEqual(['w1 cannot be drained: Pod default/bare has no controller that recreates it'])
    expect(ran.mutations).toEqual([])
    expect((await drained({ force: true })).errors).toEqual([])
    expect(await pods()).toBe('')
    await run({ instead: uncordon(['w1']) })
  })

  test('is drained by the next run when a run was cut anywhere in it', async () => {
    await make(podOf('one', owner), podOf('two', owner))
    const { mutations } = await drained()
    expect(mutations.length).toBeGreaterThanOrEqual(3)
    for (let at = 1; at <= mutations.length; at += 1)
      for (const side of ['before', 'after'] satisfies Side[]) {
        await run({ instead: uncordon(['w1']) })
        await make(podOf('one', owner), podOf('two', owner))
        const cut = await drained({}, { cut: cutAt({ at, side }) })
        expect(cut.ok).toBe(false)
        expect((await drained()).errors).toEqual([])
        expect([await pods(), await cordon()]).toEqual(['', 'true'])
      }
    await run({ instead: uncordon(['w1']) })
  })

  test('is not reset while its Pods may not leave; up takes the cordon back', async () => {
    await hold()
    const ran = await leaves()
    expect(ran.errors.join()).toContain('w1 was not drained within 3 s')
    expect(ran.changed).toEqual(['cluster/cordon:w1'])
    expect(await cordon()).toMatch(/^true \d+$/)
    expect(await run({})).toMatchObject({ ok: true, changed: ['w1/uncordon'] })
    expect(await cordon()).toBe('')
    await kubectl(world, 'delete pdb held')
  })

  test('is drained, reset and forgotten, also by a run after one that was cut in the drain', async () => {
    const cut = await leaves({}, { cut: (mutation) => (mutation.includes('evict') ? 'after' : undefined) })
    expect(cut.cut).toBe(true)
    const ran = await leaves()
    expect(ran.errors).toEqual([])
    expect(await pods()).toBe('')
    expect(await kubectl(world, 'get nodes -o name')).toBe('node/cp1\n')
    expect(world.host('w1').exists('/etc/kubernetes/kubelet.conf')).toBe(false)
    expect(await leaves()).toMatchObject({ ok: true, changed: [] })
  })

  test('is forgotten by its address when it is lost and the inventory no longer has it', async () => {
    expect((await run({})).errors).toEqual([])
    expect(await kubectl(world, 'get nodes -o name')).toBe('node/cp1\nnode/w1\n')
    const { address } = spec().hosts.find(({ name }) => name === 'w1') ?? { address: '' }
    await world.host('w1').powerOff()
    const without = simulatedSpec(stage.materials.bundle, (text) =>
      text.replace('[control-plane]', '[control-plane, worker]').replace(/^ *w1:.*\n/m, ''),
    )
    expect(without.hosts.map(({ name }) => name)).toEqual(['cp1'])
    const lost = (at: string) =>
      withLost(without, [at], (host) => createHost(host.name, simulatedConnection(world.host(host.name))))
    await expect(lost('10.91.0.99')).rejects.toMatchObject({ kind: 'usage' })
    const { spec: joined, names } = await lost(address)
    expect(names).toEqual(['w1'])
    const ran = await runUp(world, joined, {
      only: ({ name }) => name === 'cp1',
      leaving: { hosts: names, command: 'reset' },
      instead: reset({
        ...{ command: 'reset', hosts: names, packages: false, images: false, gone: true },
        ...{ drain: undefined, onLeft: () => {} },
      }),
    })
    expect([ran.errors, ran.changed]).toEqual([[], ['cluster/reset:node:w1']])
    expect(await kubectl(world, 'get nodes -o name')).toBe('node/cp1\n')
    await expect(lost(address)).rejects.toMatchObject({ kind: 'usage' })
  })
})
