import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../../src/cluster/context.js'
import { peerUrlOf, withEtcd } from '../../src/cluster/etcd/access.js'
import { lookAtEtcdHosts } from '../../src/cluster/etcd/look-at-hosts.js'
import type { Machine } from '../../src/cluster/machine.js'
import { certificatePath, keyPath } from '../../src/cluster/pki/paths.js'
import { Late } from '../../src/engine/late.js'
import { etcdOf } from '../../src/inventory/etcd-to-spec.js'
import type { EtcdMember } from '../../src/kubernetes/client/etcd.js'
import { beginningMark, etcdUnitFile, etcdUnitText } from '../../src/kubernetes/etcd/unit.js'
import { createAuthority } from '../../src/pki/authorities.js'
import { etcdMemberCertificates } from '../../src/pki/certificates.js'
import { issue } from '../../src/pki/issue.js'
import { etcdMemberStep } from '../../src/steps/etcd/member-step.js'
import { unseen } from '../support/apply-now.js'
import { contextOf, machine } from '../support/context.js'
import { extractEtcd, LoopbackPlane, whyNoEtcd } from '../support/loopback-etcd.js'

const reason = whyNoEtcd()

// How hosts are seen, and the steps themselves, on real etcd processes of this machine; the tests build on one another.
describe.skipIf(reason !== undefined)(`etcd as units${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ks-etcd-bin-'))
  const hosts: { plane: LoopbackPlane; machine: Machine }[] = []
  let base: Context

  beforeAll(async () => {
    const etcd = extractEtcd(scratch)
    const how = { now: new Date(), random: randomBytes }
    const authority = await createAuthority('etcd-ca', how)
    for (const n of [1, 2, 3]) {
      const plane = new LoopbackPlane(`e${n}`, `127.0.89.${n}`, etcd)
      const own = machine({ name: `e${n}`, address: plane.address, roles: ['etcd'] })
      hosts.push({ plane, machine: { ...own, host: plane.host } })
    }
    const machines = hosts.map((one) => one.machine)
    const context = contextOf(machines)
    const specs = machines.map(({ spec }) => spec)
    base = { ...context, spec: { ...context.spec, etcd: etcdOf(undefined, specs, (path) => path) } }
    await Promise.all(
      hosts.map(async ({ plane, machine: { spec, release } }) => {
        plane.put(certificatePath('etcd/ca'), authority.signer.certificate)
        await Promise.all(
          etcdMemberCertificates(spec, release.wanted).map(async (wanted) => {
            const made = await issue(wanted, authority.signer, how)
            plane.put(certificatePath(wanted.file), made.certificate)
            plane.put(keyPath(wanted.file), made.key)
          }),
        )
        plane.start()
      }),
    )
  }, 30_000)

  afterAll(async () => {
    await Promise.all(hosts.map(({ plane }) => plane.end()))
    rmSync(scratch, { recursive: true, force: true })
  })

  const at = (n: number) => {
    const found = hosts[n - 1]
    if (!found) throw new Error(`no host ${n}`)
    return found
  }
  const look = () => lookAtEtcdHosts(base.machines, base.spec.etcd.dataDir)
  /** The founders' own and those it joins, as `up` sees them now. */
  const now = async (): Promise<Context> => ({
    ...base,
    etcdHosts: { ...(await look()), authority: new Late('etcd'), programs: [] },
  })
  const listed = (): Promise<EtcdMember[]> => withEtcd([at(1).machine], ({ client }) => client.members())
  const memberStep = async (n: number) => etcdMemberStep(await now(), at(n).machine, listed)
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 15_000
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > deadline) throw new Error('not within 15 s')
      await base.sleep(100)
    }
  }
  /** A founder is told and started, as the steps of its unit do it. */
  const found = (n: number): void => {
    const { plane, machine: own } = at(n)
    const initialCluster = hosts.map(({ machine: { spec } }) => `${spec.name}=${peerUrlOf(spec)}`).join(',')
    plane.put(beginningMark, '')
    plane.put(etcdUnitFile, etcdUnitText(base.spec, own.spec, '/usr/bin/etcd', { initialCluster }))
    plane.put('/wanted', '1')
  }

  test('one founder that has begun alone makes no member of the others: they go on founding', async () => {
    expect([...(await look()).founding]).toEqual(['e1', 'e2', 'e3'])
    found(1)
    await until(async () => (await at(1).machine.host.stat('/var/lib/etcd/member/wal')).kind !== 'absent')
    const seen = await look()
    expect([...seen.founding]).toEqual(['e1', 'e2', 'e3'])
    expect(seen.told).toBe('e1=https://127.0.89.1:2380,e2=https://127.0.89.2:2380,e3=https://127.0.89.3:2380')
  })

  test('two of three live; the third, which never started, is started and not replaced', async () => {
    found(2)
    await until(async () => (await look()).founding.size === 0)
    expect([...(await look()).joining]).toEqual(['e3'])
    const before = (await listed()).find(({ name }) => name === 'e3')?.id
    const step = await memberStep(3)
    expect(step.diff(await step.probe())).toEqual([
      { kind: 'join', summary: "start e3's etcd member, which an earlier run added" },
    ])
    await step.apply([], unseen)
    expect((await listed()).find(({ name }) => name === 'e3')?.id).toBe(before)
    expect([...(await look()).joining]).toEqual([])
    for (const { plane } of hosts)
      await plane.host.mutate({ script: 'rm -f "$1"', args: [beginningMark], timeoutMs: 1 })
  })

  test('one that has lost its data does not start by itself, and is replaced', async () => {
    const { plane } = at(3)
    await plane.stop()
    plane.loseData()
    plane.start()
    await base.sleep(1_000)
    expect((await plane.host.stat('/var/lib/etcd/member')).kind).toBe('absent')
    const before = (await listed()).find(({ name }) => name === 'e3')?.id
    const step = await memberStep(3)
    expect(step.diff(await step.probe())).toEqual([
      {
        kind: 'join',
        summary: `replace etcd member e3 (id ${before}), whose data is gone, with a new member`,
      },
    ])
    await step.apply([], unseen)
    const after = await listed()
    expect(after.map(({ name, learner }) => `${name} ${learner}`).sort()).toEqual([
      'e1 false',
      'e2 false',
      'e3 false',
    ])
    expect(after.find(({ name }) => name === 'e3')?.id).not.toBe(before)
  })

  test('all stopped, as after a power cut: nobody founds, nobody joins', async () => {
    await Promise.all(hosts.map(({ plane }) => plane.stop()))
    const { founding, joining } = await look()
    expect([founding.size, joining.size]).toEqual([0, 0])
  })
})
