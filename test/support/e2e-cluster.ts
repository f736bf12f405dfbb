import { expect } from 'vitest'
import { kubestrap } from './e2e-lab.js'

/** The machines of an inventory, started anew, and its bundle. KUBESTRAP_KEEP leaves machines that run as they are. */
export async function startLab(inventory: string): Promise<void> {
  if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', inventory)
  const made = await Promise.all([
    kubestrap('lab', 'up', '-i', inventory),
    kubestrap('lab', 'bundle', '-i', inventory),
  ])
  expect(made.map(({ code }) => code)).toEqual([0, 0])
}

/** Runs `up`, which must succeed. Returns the keys of the steps that it changed. */
export async function upChanged(inventory: string, ...more: string[]): Promise<string[]> {
  const ran = await kubestrap('up', '-i', inventory, '-o', 'json', ...more)
  expect(ran.code, ran.stderr).toBe(0)
  return ran.stdout
    .trim()
    .split('\n')
    .flatMap((line) => {
      const event: { type: string; status?: string; step?: { key: string } } = JSON.parse(line)
      return event.type === 'step-finished' && event.status === 'changed' ? [event.step?.key ?? ''] : []
    })
}

/** What `status` tells of a cluster, in part. */
export interface StatusTold {
  nodes: { name: string; status: string }[]
  etcd: { name: string; state: string; version: string }[]
  etcdLoss: string
  drift: number
}

/** Runs `status`, which says that all is well (0) or what is wrong (7). */
export async function statusTold(inventory: string): Promise<StatusTold> {
  const ran = await kubestrap('status', '-i', inventory, '-o', 'json')
  expect([0, 7], ran.stderr).toContain(ran.code)
  return JSON.parse(ran.stdout)
}
