import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planeLines } from '../support/control-planes.js'
import { cp1, cp2, cp3, inventory, kubestrap, on, run, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'

// A living cluster leaves Docker for containerd, three control planes and two workers, with an application that has a
// PodDisruptionBudget; killed once on the way:
//   npx vitest run --project by-hand runtime-change
const reason = whyNot()
const nodes = [cp1, cp2, cp3, w1, w2]
const hour = 3_600_000
const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)
const note = (text: string): void => void process.stderr.write(`${text}\n`)

const lab = (name: string, runtime: string): string =>
  inventory(name, (text) =>
    text
      .replace('runtime: docker', `runtime: ${runtime}`)
      .replace(/^ {2}\S+w1: /m, planeLines([cp2, cp3]).concat('$&')),
  )

describe.skipIf(reason !== undefined)(
  `a change of the container runtime${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let before = ''
    beforeAll(async () => {
      before = lab('runtime-docker', 'docker')
      await kubestrap('lab', 'down', '-i', before)
      const made = await kubestrap('lab', 'quickstart', '-i', before, '-o', 'plain')
      expect(made.code, made.stdout + made.stderr).toBe(0)
      const image = 'docker.io/library/kubestrap-verify:1'
      const grace = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}'
      await kubectl(
        `create deployment web --image=${image} --replicas=4 -- sleep 1d && kubectl patch deployment web -p '${grace}' && kubectl create pdb web --selector=app=web --min-available=3 && kubectl rollout status deployment/web --timeout=90s`,
      )
    }, hour)
    afterAll(async () => {
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', before)
    })

    const containerd = (): string => lab('runtime-containerd', 'containerd')
    const runtimes = async (): Promise<string[]> =>
      (
        await kubectl(
          `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.containerRuntimeVersion} {.spec.unschedulable}{"\\n"}{end}'`,
        )
      )
        .trim()
        .split('\n')
        .map((line) => line.replace(/:\/\/\S+/, '').trim())

    test('is planned node by node, each with a drain', async () => {
      const plan = await kubestrap('plan', '-i', containerd(), '-o', 'plain')
      note(plan.stdout.slice(0, 8000))
      expect(plan.stderr + plan.stdout).toContain('container runtime from docker to containerd')
      for (const name of nodes) expect(plan.stdout).toContain(`${name}: stop and disable docker.service`)
    })

    test(
      'is gone on with after a kill, within the budget, and Docker is left on every node',
      async () => {
        const killed = await killedRun(['up', '--yes', '-i', containerd(), '--no-verify'], {
          step: new RegExp(`${cp2}/former-runtime`),
          ms: 6_000,
        })
        note(
          `killed: ${killed.killed}, under way: ${killed.underWay.join(' ')}; ${(await runtimes()).join('; ')}`,
        )
        expect(killed.killed).toBe(true)
        const began = Date.now()
        const args = ['bin/kubestrap.js', 'up', '--yes', '-i', containerd(), '-o', 'plain']
        const ran = await run(process.execPath, args, { timeoutMs: hour })
        note(`${ran.stdout.slice(-9000)}\n${ran.stderr}\nup: ${((Date.now() - began) / 1000).toFixed(1)} s`)
        expectCode(ran, 0)
        expect(await runtimes()).toEqual(nodes.map((name) => `${name} containerd`))
        for (const name of nodes) {
          expect(await on(name, 'systemctl is-active docker docker.socket || :')).toBe('inactive\ninactive\n')
          expect(await on(name, 'pgrep -c dockerd || :')).toBe('0\n')
        }
        const again = await kubestrap('up', '--yes', '-i', containerd(), '-o', 'plain')
        expect(again.stdout).toContain('Nothing to change')
      },
      hour,
    )

    test('back is refused', async () => {
      const ran = await kubestrap('plan', '-i', before)
      expect(ran.code).not.toBe(0)
      expect(ran.stderr).toContain('runtime')
    })
  },
)
