import { expect } from 'vitest'
import { statusTold } from './e2e-cluster.js'
import { cp1, cp2, cp3, inventory, machines, w1 } from './e2e-lab.js'

/** Control planes as lines of an inventory. */
export const planeLines = (planes: readonly string[]): string =>
  planes.map((name) => `  ${name}: { address: ${machines[name]}, roles: [control-plane] }\n`).join('')

/** Control planes beside the lab's, at the place of its second worker. */
export const withPlanes = (text: string, planes: readonly string[]): string =>
  text.replace(/^ {2}\S+w2: .*\n/m, planeLines(planes))

/** Three control planes with an etcd each, and a worker; its path. The endpoint is the first control plane. */
export const threePlanes = (): string => inventory('three-planes', (text) => withPlanes(text, [cp2, cp3]))

/** All four are Ready, the three members of etcd are there and one leads, and nothing is to change. */
export async function expectThreePlanes(file: string): Promise<void> {
  const { etcd, etcdLoss, drift, nodes } = await statusTold(file)
  expect(etcd.map(({ name }) => name).sort()).toEqual([cp1, cp2, cp3])
  expect(etcd.map(({ state }) => state).sort()).toEqual(['follower', 'follower', 'leader'])
  expect(etcdLoss).toBe('quorum 2 of 3: one more may fail')
  expect(nodes.map(({ name, status: is }) => `${name} ${is}`).sort()).toEqual(
    [cp1, cp2, cp3, w1].map((name) => `${name} Ready`).sort(),
  )
  expect(drift).toBe(0)
}
