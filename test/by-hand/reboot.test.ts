import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { cp1, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'

// Hosts of a living cluster that really reboot, one run killed on the way:
//   npx vitest run --project by-hand reboot
const reason = whyNot()
const nodes = [cp1, w1, w2]

describe.skipIf(reason !== undefined)(`rollout reboot${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab = ''
  beforeAll(async () => {
    lab = inventory('lab')
    await startLab(lab)
    await upChanged(lab)
  })
  afterAll(async () => {
    if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab)
  })

  const boots = (): Promise<string[]> =>
    Promise.all(nodes.map((name) => on(name, 'cat /proc/sys/kernel/random/boot_id')))
  const rebooted = async (before: readonly string[]): Promise<string[]> => {
    const now = await boots()
    return nodes.filter((_, i) => now[i] !== before[i])
  }
  /** Nodes that are not Ready, or take no Pods. */
  const missing = (): Promise<string> =>
    on(
      cp1,
      'kubectl get nodes --no-headers | grep -vw Ready || kubectl get nodes --no-headers | grep Disabled || :',
    )

  test('reboots every host of a living cluster once, its only control plane node too', async () => {
    const before = await boots()
    const ran = await kubestrap('rollout', 'reboot', '-i', lab, '--all', '--yes', '-o', 'plain')
    expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0)
    expect(await rebooted(before)).toEqual(nodes)
    expect(await missing()).toBe('')
    expectCode(await kubestrap('verify', '-i', lab), 0)
  })

  test('that is killed when a host has rebooted continues with the others', async () => {
    const before = await boots()
    const words = ['rollout', 'reboot', '-i', lab, w1, w2, '--yes']
    const cut = await killedRun(words, { step: /\/reboot$/, ms: 0, progress: /answers again/ })
    expect(cut.killed).toBe(true)
    // a reboot that was asked for goes on by itself
    await expect
      .poll(
        () =>
          boots().then(
            (now) => now.join() !== before.join(),
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true)
    const half = await boots()
    const done = nodes.filter((_, i) => half[i] !== before[i])
    expect(done).toHaveLength(1)
    const ran = await kubestrap(...words, '-o', 'plain')
    expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0)
    expect(ran.stderr).toContain(`already done: ${done[0]}/boot`)
    expect(await rebooted(half)).toEqual([w1, w2].filter((name) => !done.includes(name)))
    expect(await missing()).toBe('')
    expect(await upChanged(lab)).toEqual([])
  })
})
