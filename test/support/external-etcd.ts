import { expect } from 'vitest'
import { statusTold } from './e2e-cluster.js'
import { cp2, e1, e2, e3, inventory, kubestrap, machines, on } from './e2e-lab.js'

export const members = [e1, e2, e3]
export const unit = 'kubestrap-etcd.service'

/** The line of a machine that has one role. */
export const hostLine = (name: string, role: string): string =>
  `  ${name}: { address: ${machines[name]}, roles: [${role}] }\n`

/** Machines beside the lab's first control plane and worker, at the place of its second worker; no image of etcd, but what it is given instead. */
export const withHosts = (text: string, lines: string, instead = ''): string =>
  text.replace(/^ {2}\S+w2: .*\n/m, lines).replace(/^ {2}imageTag: "3.*\n/m, instead)

/** A second control plane and three hosts of etcd. */
export const whole = hostLine(cp2, 'control-plane') + members.map((name) => hostLine(name, 'etcd')).join('')

/** Two control planes, a worker and three hosts of etcd, which comes from the system's packages; its path. */
export const externalEtcd = (): string =>
  inventory('external-etcd', (text) => withHosts(text, whole, '  install: package\n'))

/** The three are there, one leads, and nothing is to change. */
export async function expectWholeEtcd(file: string): Promise<void> {
  const { etcd, etcdLoss, drift } = await statusTold(file)
  expect(etcd.map(({ name }) => name).sort()).toEqual(members)
  expect(etcd.map(({ state }) => state).sort()).toEqual(['follower', 'follower', 'leader'])
  expect(etcdLoss).toBe('quorum 2 of 3: one more may fail')
  const steps = drift === 0 ? '' : (await kubestrap('status', '--drift', '-i', file)).stdout
  expect(drift, steps).toBe(0)
}

/** Hexadecimal ids by member name, as etcdctl in a login shell of a machine tells them. */
export async function memberIds(machine: string): Promise<ReadonlyMap<string, string>> {
  const listed = await on(machine, 'bash -lc "etcdctl member list"')
  return new Map(
    listed
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [id = '', , name = ''] = line.split(', ')
        return [name, id]
      }),
  )
}
