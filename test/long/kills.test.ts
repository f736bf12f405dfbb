import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../chaos/seeded.js'
import { cp1, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { type KilledRun, killedRun } from '../support/killed-run.js'
import { differingLines, machineListing } from '../support/listing.js'

const reason = whyNot()
const seed = Number(process.env.KUBESTRAP_SEED ?? 20_261_121)
/**
 * In each, up is killed twice and reset once, at times spread evenly over what the run takes; one kill in each
 * class of mutation comes besides. A run may end before its kill comes, so there are more worlds until `atLeast`.
 */
const worlds = Number(process.env.KUBESTRAP_WORLDS ?? 1)
const atLeast = 3 * worlds + 5

/**
 * A step under way in each class of mutation, in the order of a birth; each is one that the runs before it, killed, cannot have
 * done. So the service is neither Docker's, which its package starts while nobody looks any more, nor the kubelet's: once that
 * runs, the API server may answer before the next run has looked.
 */
const classes: readonly [name: string, step: RegExp][] = [
  ['package', /\/packages:/],
  ['file', /\/file:/],
  ['service', new RegExp(`${cp1}/service:kubestrap-bridge.service`)],
  ['static pod', /cluster\/api-ready/],
  ['object', /cluster\/object:/],
  ['join', new RegExp(`${w1}/join$`)],
]

describe.skipIf(reason !== undefined)(`killed at any moment${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const random = seeded(seed)
  let lab = ''
  /** What a whole run takes, and a whole reset; milliseconds, with the packages there. */
  let duration = 0
  let resetting = 0
  let before = ''
  const tally = { tried: 0, converged: 0 }

  beforeAll(async () => {
    lab = inventory('lab', undefined, { bare: true })
    await kubestrap('lab', 'down', '-i', lab)
    const made = await Promise.all([kubestrap('lab', 'up', '-i', lab), kubestrap('lab', 'bundle', '-i', lab)])
    expect(made.map(({ code }) => code)).toEqual([0, 0])
    // a machine somebody has used: packages of its own, settings of its own
    await on(
      w2,
      `mkdir -p /etc/docker && echo '{ "log-level": "warn" }' >/etc/docker/daemon.json
echo '/dev/sdz9 none swap sw 0 0' >>/etc/fstab
mkdir -m 0700 /etc/kubernetes && echo theirs >/etc/kubernetes/notes
export DEBIAN_FRONTEND=noninteractive; apt-get -q update && apt-get install -qy --no-install-recommends docker.io containernetworking-plugins conntrack ebtables ethtool socat`,
    )
    before = await machineListing(w2)
  })

  afterAll(async () => {
    process.stderr.write(
      `SIGKILL (seed ${seed}): ${tally.tried} tried, ${tally.converged} converged; a whole run took ${(duration / 1000).toFixed(0)} s\n`,
    )
    await kubestrap('lab', 'down', '-i', lab)
  })

  const identity = (): Promise<string> =>
    on(cp1, 'cd /etc/kubernetes/pki 2>/dev/null && sha256sum ca.crt ca.key sa.key sa.pub || echo none')

  const changedBy = async (file: string): Promise<number> => {
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'json', '--no-verify')
    const last: { exitCode: number; summary: Record<string, { changed: number }> } = JSON.parse(
      ran.stdout.trim().split('\n').at(-1) ?? '{}',
    )
    if (last.exitCode !== 0) throw new Error(`up ended with ${last.exitCode}:\n${ran.stderr}`)
    return Object.values(last.summary).reduce((sum, counts) => sum + counts.changed, 0)
  }

  /** Runs to the end, and once more: nothing is left to do, and the cluster is the one it was. */
  const convergesTo = async (known: string, kills: number): Promise<void> => {
    await changedBy(lab)
    const now = await identity()
    if (known !== 'none\n') expect(now).toBe(known)
    expect(await changedBy(lab)).toBe(0)
    expect(await identity()).toBe(now)
    tally.converged += kills
  }

  const reset = async (...more: string[]): Promise<void> => {
    const began = performance.now()
    const ran = await kubestrap('reset', '-i', lab, '--yes', '-o', 'plain', ...more)
    expectCode(ran, 0)
    resetting ||= performance.now() - began
  }

  test('in each class of mutation, one after the other: it converges, and the authority is the first', async () => {
    let known = 'none\n'
    for (const [name, step] of classes) {
      const run = await killedRun(['up', '-i', lab, '--no-verify'], { step, ms: random() * 400 })
      expect(run.killed, name).toBe(true)
      tally.tried += 1
      const now = await identity()
      if (known !== 'none\n') expect(now, name).toBe(known)
      known = now
    }
    await convergesTo(known, classes.length)
    // a swap partition that fstab would bring back at boot
    expect(await on(w2, 'grep sdz9 /etc/fstab')).toBe('# disabled by kubestrap: /dev/sdz9 none swap sw 0 0\n')
    expectCode(await kubestrap('verify', '-i', lab), 0)
  })

  test('while a static pod is restarted for a changed flag', async () => {
    const edited = inventory('edited-flag', (text) =>
      text.replace('runtime: docker', 'runtime: docker\nscheduler: { extraArgs: { v: "1" } }'),
    )
    const run = await killedRun(['up', '--yes', '-i', edited, '--no-verify'], {
      step: /static-pod:/,
      ms: random() * 400,
    })
    expect(run.killed).toBe(true)
    tally.tried += 1
    await changedBy(edited)
    expect(await changedBy(edited)).toBe(0)
    const flags = 'kubectl -n kube-system get pods -l component=kube-scheduler -o yaml | grep -c -- --v=1'
    await expect.poll(() => on(cp1, flags).catch(() => '0'), { timeout: 60_000 }).toBe('1\n')
    await convergesTo(await identity(), 1)
  })

  test('reset leaves a machine as it was before kubestrap', async () => {
    await reset('--images')
    expect(differingLines(before, await machineListing(w2))).toEqual([])
  })

  test('a run from nothing to the end, to know how long one takes', async () => {
    const began = performance.now()
    await changedBy(lab)
    duration = performance.now() - began
  })

  test(`evenly over a run, in ${worlds} worlds or more: reset, killed; reset; up, killed, killed; converged, verified`, async () => {
    for (let world = 0; world < worlds || (tally.tried < atLeast && world < 2 * worlds); world += 1) {
      const kills: string[] = []
      const note = (what: string, run: KilledRun): void => {
        if (run.killed)
          kills.push(`${what} after ${(run.ms / 1000).toFixed(1)} s [${run.underWay.join(' ')}]`)
      }
      note('reset', await killedRun(['reset', '-i', lab, '--yes'], random() * resetting))
      await reset()
      let known = 'none\n'
      let left = duration
      for (let i = 0; i < 2; i += 1) {
        const run = await killedRun(['up', '-i', lab, '--no-verify'], random() * left)
        note('up', run)
        // the next one finds done what this one did
        left -= run.ms
        const now = await identity()
        if (known !== 'none\n') expect(now, kills.join('; ')).toBe(known)
        known = now
      }
      tally.tried += kills.length
      await convergesTo(known, kills.length).catch((error: unknown) => {
        throw new Error(`killed: ${kills.join('; ')}`, { cause: error })
      })
      const verified = await kubestrap('verify', '-i', lab)
      expect(verified.code, `killed: ${kills.join('; ')}\n${verified.stdout}`).toBe(0)
    }
  }, 1_800_000)

  test('every kill converged', () => {
    expect(tally.tried).toBeGreaterThanOrEqual(atLeast)
    expect(tally.converged).toBe(tally.tried)
  })
})
