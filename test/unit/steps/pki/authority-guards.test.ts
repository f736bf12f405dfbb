import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Machine } from '../../../../src/cluster/machine.js'
import type { EtcdKeyring } from '../../../../src/cluster/pki/etcd-keyring.js'
import { Late } from '../../../../src/engine/late.js'
import type { FileState, Host } from '../../../../src/host/host.js'
import { beginningMark } from '../../../../src/kubernetes/etcd/unit.js'
import { type Authorities, createAuthorities, createAuthority } from '../../../../src/pki/authorities.js'
import { authoritiesStep } from '../../../../src/steps/pki/authorities-step.js'
import { etcdAuthorityStep } from '../../../../src/steps/pki/etcd-authority-step.js'
import { lookAt } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'

let made: Authorities
beforeAll(async () => {
  made = await createAuthorities({ etcd: true, now: new Date(), random: randomBytes })
})

/** A machine with these files, by path. */
function withFiles(one: Machine, files: Readonly<Record<string, string>>): Machine {
  const host: Host = {
    ...one.host,
    name: one.spec.name,
    stat: async (path): Promise<FileState> => {
      const text = files[path]
      if (text !== undefined)
        return {
          kind: 'file',
          mode: '0644',
          owner: 'root:root',
          size: 1,
          sha256: '',
          content: Buffer.from(text),
        }
      return Object.keys(files).some((file) => file.startsWith(`${path}/`))
        ? { kind: 'directory', mode: '0700', owner: 'root:root' }
        : { kind: 'absent' }
    },
    read: async () => ({ kind: 'exited', code: 0, stdout: Buffer.from('ca.crt\n'), stderr: '' }),
  }
  return { ...one, host }
}

const pki = '/etc/kubernetes/pki'
const own = (): Record<string, string> => ({
  [`${pki}/ca.crt`]: made.kubernetes.signer.certificate,
  [`${pki}/ca.key`]: 'key',
  [`${pki}/front-proxy-ca.crt`]: made.frontProxy.signer.certificate,
  [`${pki}/front-proxy-ca.key`]: 'key',
  [`${pki}/sa.pub`]: made.serviceAccount.publicKey,
  [`${pki}/sa.key`]: 'key',
})
const etcdAuthority = (): Record<string, string> => ({
  [`${pki}/etcd/ca.crt`]: made.etcd?.signer.certificate ?? '',
  [`${pki}/etcd/ca.key`]: 'key',
})

describe('the authority of stacked etcd', () => {
  const found = async (first: Record<string, string>, second: Record<string, string>): Promise<string[]> => {
    const machines = [
      withFiles(machine(), first),
      withFiles(machine({ name: 'cp2', address: '10.88.0.16' }), second),
    ]
    const context = contextOf(machines)
    const [leader] = machines
    if (!leader) throw new Error('no machine')
    const step = authoritiesStep(context, leader)
    const changes = (await lookAt(step)).changes.map(({ summary }) => summary)
    return [...changes, ...(changes.length === 0 ? [context.authorities.get().owner.name] : [])]
  }

  test('is that of the control plane that has it, whoever stands first', async () => {
    expect(await found(own(), { ...own(), ...etcdAuthority() })).toEqual(['cp2'])
  })

  test('is not made anew while another control plane has one', async () => {
    const { [`${pki}/sa.key`]: _, ...part } = own()
    await expect(found(own(), { ...part, ...etcdAuthority() })).rejects.toThrow(
      'no control plane node has all CAs: /etc/kubernetes/pki/etcd/ca.crt is only on cp2',
    )
  })

  test('is made where none has one', async () => {
    expect(await found(own(), own())).toEqual(['create etcd/ca'])
  })
})

describe('nothing is made beside a key that may be in use', () => {
  const refused = async (lost: string): Promise<void> => {
    const { [`${pki}/${lost}`]: _, ...rest } = { ...own(), ...etcdAuthority() }
    const plane = withFiles(machine(), rest)
    const step = authoritiesStep(contextOf([plane]), plane)
    const seen = await step.probe()
    expect(() => step.diff(seen)).toThrowError(
      expect.objectContaining({
        kind: 'step',
        host: 'cp1',
        message: expect.stringContaining(`${pki}/${lost}`),
      }),
    )
  }

  test.each(['sa.pub', 'front-proxy-ca.crt', 'etcd/ca.crt'])('whose public part, %s, is lost', refused)
})

test('authorities are guards: when they cannot be looked at, nothing is changed anywhere', () => {
  const plane = machine()
  expect(authoritiesStep(contextOf([plane]), plane).guards).toBe(true)
})

test('data of an earlier cluster stop a birth', async () => {
  const bare = withFiles(machine(), { '/var/lib/etcd/member/wal/0.wal': '' })
  const host = {
    ...bare.host,
    read: async () => ({ kind: 'exited' as const, code: 0, stdout: Buffer.from(''), stderr: '' }),
  }
  const own = { ...bare, host }
  const step = authoritiesStep(contextOf([own]), own)
  await expect(step.probe().then((seen) => step.diff(seen))).rejects.toThrow('/var/lib/etcd holds')
})

describe('etcd on hosts of its own', () => {
  const serving = { '/etc/kubernetes/manifests/kube-apiserver.yaml': 'kind: Pod' }
  const changes = async (
    plane: Record<string, string>,
    member: Record<string, string>,
  ): Promise<string[]> => {
    const cp1 = withFiles(machine(), plane)
    const e1 = withFiles(machine({ name: 'e1', address: '10.88.0.31', roles: ['etcd'] }), {
      ...etcdAuthority(),
      ...member,
    })
    const seen = {
      order: [e1],
      authority: new Late<never>('authority'),
      programs: [],
      founding: new Set(['e1']),
      joining: new Set<string>(),
      halfAdded: new Set<string>(),
      fresh: new Set<string>(),
      members: [],
      told: undefined,
    }
    const step = etcdAuthorityStep(contextOf([cp1, e1]), seen, e1)
    return step.diff(await step.probe()).map(({ summary }) => summary)
  }

  test('is never founded anew beside an API server of its cluster', async () => {
    await expect(changes(serving, {})).rejects.toThrow(
      'no etcd host has data in /var/lib/etcd, but an API server of the cluster runs on cp1',
    )
  })

  test('is signed for by a CA that every host trusts while one is rotated', async () => {
    const next = await createAuthority('etcd-ca', { now: new Date(), random: randomBytes })
    const [now, then] = [made.etcd?.signer, next.signer]
    if (!now?.key || !then.key) throw new Error('no keys')
    const key = (one: string) => (one === 'e1' ? then.key : now.key)?.reveal() ?? ''
    const member = (name: string, ca: string, address: string) => {
      const one = withFiles(machine({ name, address, roles: ['etcd'] }), {
        [`${pki}/etcd/ca.crt`]: ca,
        [`${pki}/etcd/ca.key`]: 'key',
      })
      const read: Host['read'] = async () => ({
        kind: 'exited',
        code: 0,
        stdout: Buffer.from(key(name)),
        stderr: '',
      })
      return { ...one, host: { ...one.host, read } }
    }
    const order = [
      member('e1', now.certificate + then.certificate, '10.88.0.31'),
      member('e2', now.certificate, '10.88.0.32'),
    ]
    const [e1] = order
    if (!e1) throw new Error('no host')
    const authority = new Late<EtcdKeyring>('authority')
    const none = new Set<string>()
    const hosts = {
      ...{ order, authority, programs: [], told: undefined },
      ...{ founding: none, joining: none, halfAdded: none, fresh: none, members: [] },
    }
    expect((await lookAt(etcdAuthorityStep(contextOf(order), hosts, e1))).changes).toEqual([])
    expect(authority.get().owner.name).toBe('e2')
    expect(authority.get().bundle('etcd')).toBe(now.certificate + then.certificate)
  })

  test('goes on where it has data, where its founding was begun, and where nobody serves yet', async () => {
    expect(await changes(serving, { '/var/lib/etcd/member/wal/0.wal': '' })).toEqual([])
    expect(await changes(serving, { [beginningMark]: '' })).toEqual([])
    expect(await changes({}, {})).toEqual([])
  })
})
