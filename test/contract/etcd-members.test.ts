import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../src/cluster/context.js'
import { type Etcd, peerUrlOf, withEtcd } from '../../src/cluster/etcd/access.js'
import type { Machine } from '../../src/cluster/machine.js'
import { certificatePath, keyPath } from '../../src/cluster/pki/paths.js'
import { lookAtPlanes } from '../../src/cluster/planes.js'
import type { Step } from '../../src/engine/step.js'
import type { EtcdMember } from '../../src/kubernetes/client/etcd.js'
import { joiningCluster } from '../../src/kubernetes/etcd/initial-cluster.js'
import { createAuthorities } from '../../src/pki/authorities.js'
import { certificateTree } from '../../src/pki/certificates.js'
import { issue } from '../../src/pki/issue.js'
import { docker } from '../../src/runtimes/docker/docker.js'
import { etcdMemberStep } from '../../src/steps/etcd/member-step.js'
import { patiently } from '../../src/steps/etcd/patiently.js'
import { remnantsStep } from '../../src/steps/etcd/remnants-step.js'
import { untilSpare, untilWell } from '../../src/steps/etcd/spare.js'
import { formerMemberStep, memberGoneStep } from '../../src/steps/reset/member-gone-step.js'
import { manifestPath } from '../../src/steps/static-pods/manifest-path.js'
import { manifestStep, manifestText } from '../../src/steps/static-pods/manifest-step.js'
import { unseen } from '../support/apply-now.js'
import { contextOf, machine } from '../support/context.js'
import { etcdRunning, extractEtcd, LoopbackPlane, whyNoEtcd } from '../support/loopback-etcd.js'

const reason = whyNoEtcd()

// The steps themselves on real etcd processes of this machine, one cluster; the tests build on one another.
describe.skipIf(reason !== undefined)(`etcd members${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ks-etcd-bin-'))
  const planes: LoopbackPlane[] = []
  const machines: Machine[] = []
  let context: Context

  beforeAll(async () => {
    const etcd = extractEtcd(scratch)
    for (const n of [1, 2, 3, 4]) {
      const plane = new LoopbackPlane(`cp${n}`, `127.0.88.${n}`, etcd)
      planes.push(plane)
      machines.push({ ...machine({ name: `cp${n}`, address: plane.address }), host: plane.host })
    }
    context = contextOf(machines, { runtime: { ...docker, systemContainersScript: etcdRunning } })
    const how = { now: new Date(), random: randomBytes }
    const authorities = await createAuthorities({ etcd: true, ...how })
    await Promise.all(
      planes.flatMap((plane, i) => {
        const own = machines[i]
        if (!own || !authorities.etcd) throw new Error('a machine without a specification')
        plane.put(certificatePath('etcd/ca'), authorities.etcd.signer.certificate)
        return certificateTree(context.spec, own.spec, own.release.wanted)
          .filter(({ file }) => file.startsWith('etcd/'))
          .map(async (spec) => {
            const made = await issue(spec, (authorities.etcd ?? authorities.kubernetes).signer, how)
            plane.put(certificatePath(spec.file), made.certificate)
            plane.put(keyPath(spec.file), made.key)
          })
      }),
    )
    planes[0]?.put(manifestPath('etcd'), manifestText(context, at(1), 'etcd'))
    for (const plane of planes) plane.start()
    await until(async () => (await listed()).length === 1)
  }, 30_000)

  afterAll(async () => {
    await Promise.all(planes.map((plane) => plane.end()))
    rmSync(scratch, { recursive: true, force: true })
  })

  const at = (n: number): Machine => {
    const found = machines[n - 1]
    if (!found) throw new Error(`no machine ${n}`)
    return found
  }
  const plane = (n: number): LoopbackPlane => {
    const found = planes[n - 1]
    if (!found) throw new Error(`no plane ${n}`)
    return found
  }
  const through = <T>(work: (etcd: Etcd) => Promise<T>): Promise<T> => withEtcd([at(1)], work)
  const listed = (): Promise<EtcdMember[]> => through(({ client }) => client.members())
  const shown = async (): Promise<string[]> =>
    (await listed())
      .map(({ name, learner }) => `${name || '(not started)'}${learner ? ' learner' : ''}`)
      .sort()
  /** What etcd says to a vote for the member of this name. */
  const wordsFor = (name: string): Promise<unknown> =>
    through(async ({ client }) => {
      const member = (await client.members()).find((one) => one.name === name)
      return client.promote(member?.id ?? '0').catch((error: unknown) => error)
    })
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 15_000
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > deadline) throw new Error('not within 15 s')
      await context.sleep(100)
    }
  }
  const changesOf = async <T>(step: Step<T>): Promise<string[]> =>
    step.diff(await step.probe()).map(({ summary }) => summary)
  const apply = <T>(step: Step<T>): Promise<void> => step.apply([], unseen)
  const memberOf = (n: number, over: Partial<Context> = {}) =>
    etcdMemberStep({ ...context, ...over }, at(n), listed)
  /** A clock on which every wait is long: what gives up gives up soon. */
  const impatient = (): Partial<Context> => {
    let ahead = 0
    return {
      now: () => new Date(Date.now() + ahead),
      sleep: async () => {
        ahead += 30_000
      },
    }
  }

  test('one that never started and whose host is not in the inventory goes', async () => {
    await through(({ client }) => client.add('https://127.0.88.99:2380', 'learner'))
    const step = remnantsStep(context, listed)
    expect(await changesOf(step)).toEqual([
      expect.stringMatching(/^remove etcd member [0-9a-f]+ \(https:\/\/127\.0\.88\.99:2380\)/),
    ])
    await apply(step)
    expect(await changesOf(step)).toEqual([])
    expect(await shown()).toEqual(['cp1'])
  })

  test('one that an earlier run left running as a learner gets its vote; a second run finds nothing to do', async () => {
    expect(await changesOf(memberOf(2))).toEqual(['add cp2 to etcd'])
    const members = await through(({ client }) => client.add(peerUrlOf(at(2).spec), 'learner'))
    const told = joiningCluster(members, { name: 'cp2', peerUrl: peerUrlOf(at(2).spec) })
    plane(2).put(manifestPath('etcd'), manifestText(context, at(2), 'etcd', told))
    await until(async () => (await shown()).includes('cp2 learner'))
    expect(await changesOf(memberOf(2))).toEqual(["promote cp2's etcd member to a voting member"])
    await apply(memberOf(2))
    expect(await shown()).toEqual(['cp1', 'cp2'])
    expect(await changesOf(memberOf(2))).toEqual([])
    // what it was told stays as it is, also where a cluster has grown since
    for (const n of [1, 2]) expect(await changesOf(manifestStep(context, at(n), 'etcd'))).toEqual([])
  })

  test('one that an earlier run added and left is completed and not added again', async () => {
    await through(({ client }) => patiently(context, () => client.add(peerUrlOf(at(3).spec), 'learner')))
    expect(await shown()).toEqual(['(not started) learner', 'cp1', 'cp2'])
    expect(await wordsFor('')).toMatchObject({ notInSync: true, votesAlready: false, passing: false })
    expect(await wordsFor('cp2')).toMatchObject({ notInSync: false, votesAlready: true, passing: false })
    const seen = await lookAtPlanes(machines.slice(0, 3), context.spec.etcd.dataDir)
    expect([seen.leader?.spec.name, [...seen.joining], [...seen.halfAdded]]).toEqual([
      'cp1',
      ['cp3'],
      ['cp3'],
    ])
    expect(await changesOf(memberOf(3))).toEqual([
      "start cp3's etcd member, which an earlier run added, and promote it",
    ])
    await apply(memberOf(3))
    expect(await shown()).toEqual(['cp1', 'cp2', 'cp3'])
  })

  test('one whose data is gone is replaced', async () => {
    await plane(3).stop()
    plane(3).loseData()
    plane(3).start()
    expect(await changesOf(memberOf(3))).toEqual([
      expect.stringMatching(
        /^replace etcd member cp3 \(id [0-9a-f]+\), whose data is gone, with a new member$/,
      ),
    ])
    await apply(memberOf(3))
    expect(await shown()).toEqual(['cp1', 'cp2', 'cp3'])
    expect(await changesOf(memberOf(3))).toEqual([])
  })

  test('while one is away no other comes, and none goes whose loss would be the quorum’s', async () => {
    await plane(3).stop()
    await expect(apply(memberOf(4, impatient()))).rejects.toMatchObject({
      kind: 'step',
      why: expect.stringContaining('cp3 of 3 voting members does not answer'),
    })
    const { dataDir } = context.spec.etcd
    await expect(untilSpare({ ...context, ...impatient() }, at(1))).rejects.toMatchObject({
      message: 'restarting etcd on cp1 now would cost the quorum',
      why: expect.stringContaining('not cp3'),
    })
    await untilSpare(context, at(3))
    await untilWell(context, at(1), async () => {})
    await expect(untilWell({ ...context, ...impatient() }, at(3), async () => {})).rejects.toThrow()
    await expect(
      changesOf(memberGoneStep(context, at(2).spec, at(2), dataDir, [at(1)])),
    ).rejects.toMatchObject({
      why: 'without cp2 a write needs 2 of 2, and 1 would answer (not cp3)',
    })
    // of several that leave each is looked at as if those before it had left
    const after = (one: number, other: number) =>
      changesOf(memberGoneStep(context, at(one).spec, at(one), dataDir, [at(1)], [at(other).spec]))
    expect(await after(2, 3)).toEqual(['remove etcd member cp2'])
    await expect(after(3, 2)).rejects.toMatchObject({ message: 'removing cp3 would cost the etcd quorum' })
    expect(await shown()).toEqual(['cp1', 'cp2', 'cp3'])
    // a host whose role went is known by its data, and by etcd where it is lost; its member is not spared either
    const former = (n: number, machine: Machine | undefined) =>
      changesOf(formerMemberStep(context, at(n).spec, machine, dataDir, [at(1)], []))
    expect(await former(3, at(3))).toEqual(['remove etcd member cp3'])
    expect(await former(3, undefined)).toEqual(['remove etcd member cp3'])
    await expect(former(2, at(2))).rejects.toMatchObject({
      message: 'removing cp2 would cost the etcd quorum',
    })
    expect(await former(4, at(4))).toEqual([])
    expect(await changesOf(formerMemberStep(context, at(4).spec, at(4), dataDir, [at(3)], []))).toEqual([])
    await expect(
      changesOf(formerMemberStep(context, at(2).spec, at(2), dataDir, [at(3)], [])),
    ).rejects.toThrow('no voting etcd member answers')
    const gone = memberGoneStep(context, at(3).spec, undefined, dataDir, [at(1), at(2)])
    expect(await changesOf(gone)).toEqual(['remove etcd member cp3'])
    await apply(gone)
    expect(await shown()).toEqual(['cp1', 'cp2'])
  })

  test('any of them can lead: the first is taken out, and the rest goes on', async () => {
    const { dataDir } = context.spec.etcd
    await apply(memberGoneStep(context, at(1).spec, at(1), dataDir, [at(2)]))
    await plane(1).stop()
    const seen = await lookAtPlanes([at(4), at(2)], dataDir)
    expect([seen.leader?.spec.name, [...seen.joining]]).toEqual(['cp2', ['cp4']])
    const from2: Context = { ...context, machines: [at(4), at(2)], planes: seen }
    await apply(etcdMemberStep(from2, at(4), () => withEtcd([at(2)], ({ client }) => client.members())))
    const names = await withEtcd([at(2)], async ({ client }) =>
      (await client.members()).map(({ name }) => name),
    )
    expect(names.sort()).toEqual(['cp2', 'cp4'])
  })
})
