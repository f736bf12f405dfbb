import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { seeded } from '../chaos/seeded.js'
import { startLab } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  cp2,
  cp3,
  directory,
  inventory,
  kubestrap,
  on,
  run,
  virtualIp,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'
import { kubeadmAgrees } from '../support/kubeadm-agrees.js'
import { type SteadyClient, steadyClient } from '../support/steady-client.js'
import { balanced, bundledVersions, hour, todaysLab, took, up } from '../support/todays-lab.js'

// Upgrades of real components, three control planes and two workers behind balancers, with an application that has a
// PodDisruptionBudget and two clients that read and write ten times a second each:
//   KUBESTRAP_RELEASES=DIR [KUBESTRAP_KILLS=10] [KUBESTRAP_SEED=1] [KUBESTRAP_POWER=1.35.6] npx vitest run --project by-hand upgrade-ha
// DIR has a bundle of each version as bundle-1.36.3, of minors that follow one another. KUBESTRAP_KILLS is how often upgrades
// are killed in all, at moments drawn from the seed. With KUBESTRAP_POWER a worker loses its power in the middle of
// the upgrade to that version; the run after it goes on without the worker, which the last one catches up. At the end all nodes
// are rebooted, which is all that is done where DIR has one bundle.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const kills = Number(process.env.KUBESTRAP_KILLS ?? '0')
const powerless = process.env.KUBESTRAP_POWER
const versions = bundledVersions(releases)
const reason = versions.length < 1 ? 'KUBESTRAP_RELEASES names no directory with a bundle' : whyNot()
const [first = '', ...later] = versions
const killedUpgrades = later.filter((version) => version !== powerless)
const random = seeded(Number(process.env.KUBESTRAP_SEED ?? '1'))
const nodes = [cp1, cp2, cp3, w1, w2]
const budget = 3

const note = (text: string): void => void process.stderr.write(`${text}\n`)
const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)

describe.skipIf(reason !== undefined)(`an upgrade under load${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const file = (version: string): string =>
    inventory(
      `ha-${version}`,
      (text) =>
        `${balanced(todaysLab(text, { releases, version, network: 'bridge' }))}rollout: { drain: { timeout: 5m } }
`,
      { bare: true },
    )
  let clients: SteadyClient[] = []

  /** What clients saw of an action, its time, and the fewest ready Pods of the application. */
  const under = async (what: string, leastReady: number, action: () => Promise<unknown>): Promise<void> => {
    const began = Date.now()
    let [least, over] = [Number.POSITIVE_INFINITY, false]
    const sampling = (async () => {
      while (!over) {
        const { code, stdout } = await answerOf(
          cp1,
          'timeout 5 kubectl get deployment web -o jsonpath={.status.readyReplicas}',
        )
        if (code === 0) least = Math.min(least, Number(stdout || '0'))
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    })()
    const done = action()
    const seen = await Promise.all(clients.map((client) => client.during(() => done)))
    over = true
    await sampling
    note(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s, fewest ready Pods ${least} of 4`)
    for (const [i, one] of seen.entries())
      note(
        `  ${i === 0 ? 'kept' : 'fresh'} connections: longest gap ${one.longestGapMs} ms, ${one.failed} of ${one.requests} failed, ${one.cut} cut and asked again ${one.errors.join('; ').slice(0, 300)}`,
      )
    expect(least).toBeGreaterThanOrEqual(leastReady)
  }

  /** An upgrade in the middle of which a worker loses its power; the others are upgraded without it, then it is. */
  const withoutPower = async (version: string): Promise<void> => {
    const wish = file(version)
    const [cut] = await Promise.all([
      took('cut by the power of a worker', up(wish)),
      new Promise((resolve) => setTimeout(resolve, 60_000)).then(() =>
        kubestrap('lab', 'kill', '-i', wish, w2),
      ),
    ])
    note(`exit ${cut.code}: ${cut.stderr}`)
    expect(cut.code).not.toBe(0)
    expect(cut.stderr).toContain(w2)
    const without = await took(`without ${w2}`, up(wish, '--away', w2))
    expect(without.code, without.stdout.slice(-6000) + without.stderr).toBe(0)
    expectCode(await kubestrap('lab', 'up', '-i', wish), 0)
    const caughtUp = await took(`catching up ${w2}`, up(wish))
    expect(caughtUp.code, caughtUp.stdout.slice(-6000) + caughtUp.stderr).toBe(0)
    await kubectl('rollout status deployment/web --timeout=180s')
  }

  afterAll(async () => {
    const lost = await Promise.all(clients.map((client) => client.stop()))
    if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', file(first))
    expect(lost).toEqual(clients.map(() => []))
  })

  test(`begins with ${first}`, { timeout: hour }, async () => {
    await startLab(file(first))
    const born = await took(`birth of ${first}`, up(file(first)))
    expect(born.code, born.stdout + born.stderr).toBe(0)
    const image = 'docker.io/library/kubestrap-verify:1'
    const patch = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}'
    await kubectl(
      `create deployment web --image=${image} --replicas=4 -- sleep 1d && kubectl patch deployment web -p '${patch}' && kubectl create pdb web --selector=app=web --min-available=${budget} && kubectl rollout status deployment/web --timeout=90s`,
    )
    const kubeconfig = join(directory, 'ha.conf')
    writeFileSync(kubeconfig, (await kubestrap('kubeconfig', '-i', file(first))).stdout, { mode: 0o600 })
    clients = [steadyClient(kubeconfig, virtualIp, 'kept'), steadyClient(kubeconfig, virtualIp, 'fresh')]
  })

  test.each(later)('to %s', { timeout: hour }, async (version) => {
    const wish = file(version)
    const cut = version === powerless
    const at = killedUpgrades.indexOf(version)
    const share = (upgrades: number): number => Math.ceil((kills * upgrades) / killedUpgrades.length)
    const times = cut ? 0 : share(at + 1) - share(at)
    await under(`${times} times killed, then up to ${version}`, cut ? 0 : budget, async () => {
      if (cut) await withoutPower(version)
      for (let n = 0; n < times; n += 1) {
        const after = 3_000 + Math.floor(random() * 90_000)
        const cut = await killedRun(['up', '--yes', '-i', wish], after)
        note(
          `SIGKILL after ${(after / 1000).toFixed(1)} s: ${cut.killed ? cut.underWay.join(' ') : 'ended before'}`,
        )
        if (!cut.killed) break
      }
      const ran = await up(wish)
      note(`${ran.stdout.slice(-6000)}\n${ran.stderr}`)
      expectCode(ran, 0)
    })
    const told = await kubectl(
      `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable}{"\\n"}{end}'`,
    )
    expect(
      told
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(nodes.map((name) => `${name} v${version}`))
    expect((await up(wish)).stdout).toContain('Nothing to change')
    for (const plane of [cp1, cp2, cp3])
      await kubeadmAgrees(plane, join(releases, `bundle-${version}`), version)
    const verified = await kubestrap('verify', '-i', wish)
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  })
  test('all nodes rebooted', { timeout: hour }, async () => {
    const wish = file(versions.at(-1) ?? '')
    const boots = (): Promise<string[]> =>
      Promise.all(nodes.map((name) => on(name, 'cat /proc/sys/kernel/random/boot_id')))
    const before = await boots()
    await under('rollout reboot of 3+2', budget, async () => {
      const ran = await run(
        process.execPath,
        ['bin/kubestrap.js', 'rollout', 'reboot', '--all', '--yes', '-i', wish, '-o', 'plain'],
        {
          timeoutMs: hour,
        },
      )
      note(`${ran.stdout.slice(-4000)}\n${ran.stderr}`)
      expectCode(ran, 0)
    })
    const after = await boots()
    for (const [i, name] of nodes.entries()) expect(after[i], name).not.toBe(before[i])
    expect((await up(wish)).stdout).toContain('Nothing to change')
  })
})
