import { afterEach, expect, test, vi } from 'vitest'
import { memberState } from '../../../../src/steps/etcd/member-state.js'
import { machine } from '../../../support/context.js'
import { shimmedHost } from '../../../support/shimmed-host.js'

let status: { leader: string; learner: boolean } | Error = new Error('not asked for here')
let credentials: object | undefined = {}
vi.mock('../../../../src/cluster/etcd/access.js', () => ({
  etcdCredentials: async () => credentials,
  openMember: () => ({
    status: async () => {
      if (status instanceof Error) throw status
      return status
    },
    close: () => undefined,
  }),
}))

let leads: boolean | Error = new Error('not asked for here')
vi.mock('../../../../src/steps/etcd/has-leader.js', () => ({
  hasLeader: async () => {
    if (leads instanceof Error) throw leads
    return leads
  },
}))

const hosts: { remove(): void }[] = []
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove()
})

/** A machine on which grep finds these ports, of those that it looks for, listened on. */
function listening(ports: readonly string[], cat = 'true') {
  const host = shimmedHost('cp1', {
    cat,
    grep: `case "$*" in ${ports.map((port) => `*":${port} "*) exit 0 ;;`).join(' ')} *) exit 1 ;; esac`,
  })
  hosts.push(host)
  return { ...machine({ name: 'cp1' }), host }
}

test('a member is stopped where neither of its ports is listened on', async () => {
  expect(await memberState(listening([]))).toBe('stopped')
  status = { leader: '0', learner: false }
  // 2380: its peers may count on it before its clients can ask
  expect(await memberState(listening(['094C']))).toBe('leaderless')
})

test.each([
  [{ leader: '8e9e', learner: false }, 'following'],
  [{ leader: '0', learner: false }, 'leaderless'],
  [{ leader: '8e9e', learner: true }, 'leaderless'],
] as const)('one that runs says %o of itself: %s', async (said, state) => {
  status = said
  expect(await memberState(listening(['094B', '094C']))).toBe(state)
})

test('one that answers no client tells by its metrics that it has had no leader since its start', async () => {
  status = new Error('timed out')
  leads = false
  expect(await memberState(listening(['094B', '094C']))).toBe('leaderless')
  leads = true
  await expect(memberState(listening(['094B']))).rejects.toThrow('timed out')
})

test('where the machine or the member cannot be asked nothing is known', async () => {
  await expect(memberState(listening([], 'echo "Input/output error" >&2; exit 1'))).rejects.toMatchObject({
    message: 'could not check whether etcd runs',
    why: 'Input/output error\n',
  })
  status = new Error('timed out')
  leads = new Error('no metrics')
  await expect(memberState(listening(['094B']))).rejects.toThrow('no metrics')
  credentials = undefined
  await expect(memberState(listening(['094B']))).rejects.toThrow('no certificates')
})
