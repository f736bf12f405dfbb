import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  cp1,
  cp2,
  cp3,
  directory,
  inventory,
  kubestrap,
  lb1,
  lb2,
  machines,
  on,
  virtualIp,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { type Seen, type SteadyClient, steadyClient } from '../support/steady-client.js'

const reason = whyNot()

/** Three control planes behind two balancers that share an address, two workers. */
const balanced = (text: string): string =>
  text
    .replace('\nhosts:\n', `\nloadBalancer: { type: haproxy, virtualIP: ${virtualIp} }\n\nhosts:\n`)
    .replace(
      /^ {2}\S+w1: /m,
      `${[cp2, cp3].map((name) => `  ${name}: { address: ${machines[name]}, roles: [control-plane] }\n`).join('')}${[
        lb1,
        lb2,
      ]
        .map((name) => `  ${name}: { address: ${machines[name]}, roles: [load-balancer] }\n`)
        .join('')}$&`,
    )

// Two clients read and write through the endpoint ten times a second each, one over connections it keeps, one over
// a new one each time; what they see is printed at the end. The tests build on one another.
describe.skipIf(reason !== undefined)(
  `what the loss of a machine costs${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let lab = ''
    let clients: SteadyClient[] = []
    const figures: string[] = []

    beforeAll(async () => {
      lab = inventory('balanced', balanced)
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab)
      const made = await kubestrap('lab', 'quickstart', '-i', lab, '-o', 'plain')
      if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
      const kubeconfig = join(directory, 'balanced.conf')
      const ran = await kubestrap('kubeconfig', '-i', lab)
      writeFileSync(kubeconfig, ran.stdout, { mode: 0o600 })
      clients = [steadyClient(kubeconfig, virtualIp, 'kept'), steadyClient(kubeconfig, virtualIp, 'fresh')]
    })
    afterAll(async () => {
      process.stdout.write(`${['fail-over, as clients saw it:', ...figures].join('\n  ')}\n`)
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab)
    })

    const during = async (
      what: string,
      action: () => Promise<unknown>,
      settledMs?: number,
    ): Promise<Seen[]> => {
      const done = action()
      const seen = await Promise.all(clients.map((client) => client.during(() => done, settledMs)))
      const told = seen.map(
        ({ longestGapMs, failed, cut, requests, errors }, i) =>
          `${i === 0 ? 'kept' : 'fresh'} connections: longest gap ${longestGapMs} ms, ${failed} of ${requests} failed, ${cut} cut and asked again${errors.length > 0 ? ` (${errors.join('; ').slice(0, 300)})` : ''}`,
      )
      figures.push(`${what}\n    ${told.join('\n    ')}`)
      return seen
    }
    const status = async () => {
      const ran = await kubestrap('status', '-i', lab, '-o', 'json')
      const told: {
        nodes: { name: string; status: string }[]
        etcd: { name: string; state: string }[]
        etcdLoss: string
        balancers: { host: string; virtualIp: boolean; up: string[] }[]
      } = JSON.parse(ran.stdout)
      return told
    }
    const activeBalancer = async (): Promise<string> =>
      (await status()).balancers.find((one) => one.virtualIp)?.host ?? ''
    const etcdLeader = (): Promise<string> =>
      vi.waitUntil(async () => (await status()).etcd.find(({ state }) => state === 'leader')?.name, {
        timeout: 60_000,
        interval: 1_000,
      })
    /** Everything is up again, and taken in by the balancers. */
    const untilWhole = (): Promise<void> =>
      expect
        .poll(
          async () => {
            const { nodes, etcd, balancers } = await status()
            return [
              nodes.filter((node) => node.status === 'Ready').length,
              etcd
                .map(({ state }) => state)
                .sort()
                .join(' '),
              balancers.map(({ up }) => up.length).join(' '),
              balancers.filter((one) => one.virtualIp).length,
            ].join(', ')
          },
          { timeout: 180_000, interval: 1_000 },
        )
        .toBe('5, follower follower leader, 3 3, 1')

    test('an API server is killed', async () => {
      await during('API server killed', () => on(cp1, 'kill -9 $(pgrep -x kube-apiserver)'), 15_000)
      await untilWhole()
    })

    test('the active balancer loses power, and comes back', async () => {
      const active = await activeBalancer()
      await during('active balancer without power', () => kubestrap('lab', 'kill', '-i', lab, active), 10_000)
      await during('that balancer back', () => kubestrap('lab', 'up', '-i', lab).then(untilWhole), 5_000)
      expect(await activeBalancer()).not.toBe(active)
    })

    test('haproxy of the active balancer is killed', async () => {
      const active = await activeBalancer()
      await during('haproxy of the active balancer killed', () => on(active, 'pkill -9 -x haproxy'), 10_000)
      await untilWhole()
    })

    test("etcd's leader is killed, then a follower", async () => {
      const kill = (name: string) => () => on(name, 'kill -9 $(pgrep -x etcd)')
      await during("etcd's leader killed", kill(await etcdLeader()), 20_000)
      await untilWhole()
      const leader = await etcdLeader()
      await during('a follower of etcd killed', kill(leader === cp2 ? cp3 : cp2), 20_000)
      await untilWhole()
    })

    test('a whole control plane loses power, the one that leads etcd, and comes back', async () => {
      const leader = await etcdLeader()
      await during(
        'control plane with the etcd leader without power',
        () => kubestrap('lab', 'kill', '-i', lab, leader),
        60_000,
      )
      await during('that control plane back', () => kubestrap('lab', 'up', '-i', lab).then(untilWhole), 5_000)
    })

    test('a flag of every API server changes, one after the other: every request is answered', async () => {
      const edited = inventory('balanced-flag', (text) =>
        balanced(text).replace('runtime: docker', 'runtime: docker\napiServer: { extraArgs: { v: "1" } }'),
      )
      const seen = await during('changed flag of all API servers', async () => {
        const ran = await kubestrap('up', '--yes', '-i', edited, '--no-verify', '-o', 'plain')
        expectCode(ran, 0)
      })
      expect(seen.map(({ failed, errors }) => [failed, ...errors])).toEqual([[0], [0]])
      await untilWhole()
    })

    test('no acknowledged write is lost', async () => {
      expect(await Promise.all(clients.map((client) => client.stop()))).toEqual([[], []])
    })
  },
)
