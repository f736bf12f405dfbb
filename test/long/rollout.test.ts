import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cp1,
  cp2,
  cp3,
  inventory,
  kubestrap,
  machines,
  on,
  type Ran,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'
import { stampedBundle, stampedVersion } from '../support/stamped-bundle.js'

const reason = whyNot()
const nodes = [cp1, cp2, cp3, w1, w2]
const image = 'docker.io/library/kubestrap-verify:1'

/** The lab's text with three control planes. */
const withPlanes = (text: string): string =>
  text.replace(
    /^ {2}\S+w1: /m,
    [cp2, cp3]
      .map((one) => `  ${one}: { address: ${machines[one]}, roles: [control-plane] }\n`)
      .join('')
      .concat('$&'),
  )

/** The lab with three control planes; of its own name where something is changed. */
const lab = (name: string, more = ''): string => inventory(name, (text) => withPlanes(text).concat(more))

interface Told {
  type: string
  at: number
  text?: string
  status?: string
  step?: { key: string; target: string }
}

const toldBy = ({ stdout }: Ran): Told[] =>
  stdout
    .trim()
    .split('\n')
    .map((line): Told => JSON.parse(line))

/** From the drain of each node to its uncordon, milliseconds of the run. */
function drained(events: readonly Told[]): { name: string; from: number; to: number }[] {
  return nodes.flatMap((name) => {
    const from = events.find(({ text, step }) => step?.target === name && text === `draining ${name}`)
    const to = events.find(({ type, step }) => type === 'step-finished' && step?.key === `${name}/uncordon`)
    return from && to ? [{ name, from: from.at, to: to.at }] : []
  })
}

/** What runs on Docker ends with it: the mark says that Docker is to restart. */
const marked = (names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => on(name, 'touch /run/kubestrap/restart/docker.service')))

const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)
const cordoned = async (): Promise<string[]> =>
  (
    await kubectl(
      `get nodes -o jsonpath='{range .items[?(@.spec.unschedulable==true)]}{.metadata.name}{"\\n"}{end}'`,
    )
  )
    .trim()
    .split('\n')
    .filter(Boolean)
const budget = (minAvailable: number): Promise<string> =>
  kubectl(
    `delete pdb web --ignore-not-found && kubectl create pdb web --selector=app=web --min-available=${minAvailable}`,
  )
/** One that runs a Pod of it. */
const someNode = (): Promise<string> => kubectl(`get pods -l app=web -o jsonpath='{.items[0].spec.nodeName}'`)
const podsReady = async (): Promise<number> =>
  Number(await kubectl(`get deployment web -o jsonpath='{.status.readyReplicas}'`))

describe.skipIf(reason !== undefined)(`a rollout${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let file = ''

  beforeAll(async () => {
    file = lab('rollout', 'rollout: { drain: { timeout: 3m } }\n')
    await kubestrap('lab', 'down', '-i', file)
    const made = await kubestrap('lab', 'quickstart', '-i', file, '-o', 'plain')
    if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
    // sleep as the first process of a container ends by SIGKILL alone
    const grace = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}'
    await kubectl(
      `create deployment web --image=${image} --replicas=4 -- sleep 1d && kubectl patch deployment web -p '${grace}' && kubectl rollout status deployment/web --timeout=90s`,
    )
  })

  afterAll(async () => {
    await kubestrap('lab', 'down', '-i', file)
  })

  // with KUBESTRAP_CUTS=all every node, by hand
  test('drains one node after the other before its runtime restarts, within the budgets, and uncordons all but what a person cordoned', async () => {
    const some = process.env.KUBESTRAP_CUTS === 'all' ? nodes : [cp2, w1, w2]
    await budget(2)
    await kubectl(`cordon ${w2}`)
    await marked(some)
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'json', '--no-verify')
    expectCode(ran, 0)
    expect(await cordoned()).toEqual([w2])
    const spans = drained(toldBy(ran)).sort((a, b) => a.from - b.from)
    expect(spans.map(({ name }) => name).sort()).toEqual([...some].sort())
    for (const [i, span] of spans.entries())
      if (i > 0) expect(span.from).toBeGreaterThanOrEqual(spans[i - 1]?.to ?? 0)
    await expect.poll(podsReady, { timeout: 60_000, interval: 500 }).toBe(4)
    expect((await kubestrap('up', '--yes', '-i', file, '-o', 'plain', '--no-verify')).stdout).toContain(
      'Nothing to change',
    )
    expect(await cordoned()).toEqual([w2])
    await kubectl(`uncordon ${w2}`)
  })

  test('that is killed while it drains leaves a cordon that the next run takes back', async () => {
    await budget(4)
    const busy = await someNode()
    await marked([busy])
    const killed = await killedRun(['up', '--yes', '-i', file, '--no-verify'], {
      step: new RegExp(`${busy}/service:docker.service`),
      ms: 500,
      progress: /eviction must wait/,
    })
    expect(killed.killed).toBe(true)
    expect(await cordoned()).toEqual([busy])
    await budget(2)
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'json', '--no-verify')
    expectCode(ran, 0)
    expect(drained(toldBy(ran)).map(({ name }) => name)).toEqual([busy])
    expect(await cordoned()).toEqual([])
    await expect.poll(podsReady, { timeout: 60_000, interval: 500 }).toBe(4)
  })

  test('that is killed after the restart uncordons without a second drain', async () => {
    await marked([w2])
    const killed = await killedRun(['up', '--yes', '-i', file, '--no-verify'], {
      step: new RegExp(`${w2}/uncordon`),
      ms: 0,
    })
    expect(killed.killed).toBe(true)
    expect(await cordoned()).toEqual([w2])
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'json', '--no-verify')
    const events = toldBy(ran)
    expect(events.filter(({ text }) => text?.startsWith('draining'))).toEqual([])
    expect(events.filter(({ status }) => status === 'changed').map(({ step }) => step?.key)).toEqual([
      `${w2}/uncordon`,
    ])
    expect(await cordoned()).toEqual([])
  })

  test('stops at a Pod that nothing would recreate, before anything is touched, and says which', async () => {
    await kubectl(
      `run bare --image=${image} --restart=Never --overrides='{"spec":{"nodeName":"${w1}"}}' -- sleep 1d && kubectl wait --for=condition=Ready --timeout=60s pod/bare`,
    )
    await marked([w1])
    const since = await on(w1, 'systemctl show -p ExecMainStartTimestampMonotonic --value docker')
    const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'plain', '--no-verify')
    expectCode(ran, 6)
    expect(ran.stderr).toContain('Pod default/bare has no controller that recreates it')
    expect(await on(w1, 'systemctl show -p ExecMainStartTimestampMonotonic --value docker')).toBe(since)
    expect(await cordoned()).toEqual([])
    await kubectl('delete pod bare --now')
    expectCode(await kubestrap('up', '--yes', '-i', file, '-o', 'plain', '--no-verify'), 0)
  })

  test.each(process.env.KUBESTRAP_CUTS === 'all' ? ['2', '"50%"'] : ['"50%"'])(
    'of all kubelets with maxUnavailable: %s',
    async (width) => {
      const changed = lab(
        `rollout-${width.replace(/\W/g, '')}`,
        `rollout: { maxUnavailable: ${width} }\nkubelet: { config: { maxPods: 1${width.replace(/\D/g, '')} } }\n`,
      )
      const ran = await kubestrap('up', '--yes', '-i', changed, '-o', 'json', '--no-verify')
      expectCode(ran, 0)
      const restarted = toldBy(ran).filter(
        ({ status, step }) => status === 'changed' && step?.key.endsWith('/service:kubelet.service'),
      )
      expect(restarted.map(({ step }) => step?.target).sort()).toEqual([...nodes].sort())
    },
  )

  describe('to another version', () => {
    const settings = 'rollout: { maxUnavailable: "50%" }\nkubelet: { config: { maxPods: 150 } }\n'
    let bundle = ''
    const next = (name: string, edit: (text: string) => string = (text) => text): string =>
      inventory(name, (text) =>
        edit(
          withPlanes(text)
            .concat(settings)
            .replace('"1.20.2"', `"${stampedVersion}"`)
            .replace(/bundle: .*/, `bundle: ${bundle}`),
        ),
      )
    const running = async (): Promise<string[]> =>
      (
        await kubectl(
          `-n kube-system get pods -l tier=control-plane -o jsonpath='{range .items[*]}{.spec.nodeName} {.metadata.labels.component} {.spec.containers[0].image}{"\\n"}{end}'`,
        )
      )
        .trim()
        .split('\n')
        .filter((line) => line.includes('kube-'))
        .map((line) => line.replace(/ \S+:/, ' '))
        .sort()
    const planes = [cp1, cp2, cp3]
    const of = (version: string): string[] =>
      planes
        .flatMap((name) =>
          ['apiserver', 'controller-manager', 'scheduler'].map((one) => `${name} kube-${one} v${version}`),
        )
        .sort()

    beforeAll(async () => {
      bundle = await stampedBundle(join(homedir(), '.cache/kubestrap/bundle/v1.20.2'))
    })

    test('that does not work leaves the first control plane node as it was, and the others untouched', async () => {
      const wrong = next('rollout-wrong', (text) =>
        text.replace('runtime: docker', 'runtime: docker\napiServer: { extraArgs: { no-such-flag: "1" } }'),
      )
      const ran = await kubestrap('up', '--yes', '-i', wrong, '-o', 'plain', '--no-verify')
      expectCode(ran, 6)
      expect(ran.stderr).toContain(`${cp1}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`)
      expect(ran.stderr).toContain('the new kube-apiserver does not work: the old one runs again')
      expect(ran.stderr).toContain('likely cause (KS0405): --no-such-flag is no flag of this version')
      await expect.poll(running, { timeout: 150_000, interval: 500 }).toEqual(of('1.20.2'))
      expect(await kubectl('version --short')).toContain('Server Version: v1.20.2')
    })

    test('is gone on with after a kill; API servers go first, and Pods are not moved for a patch', async () => {
      const file = next('rollout-next')
      const killed = await killedRun(['up', '--yes', '-i', file, '--no-verify'], {
        step: new RegExp(`${cp2}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`),
        ms: 300,
      })
      expect(killed.killed).toBe(true)
      const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'json')
      expectCode(ran, 0)
      const events = toldBy(ran)
      const at = (key: string): number =>
        events.find(({ status, step }) => status === 'changed' && step?.key === key)?.at ?? Number.NaN
      const last = at(`${cp3}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`)
      for (const name of nodes) expect(at(`${name}/binary:/usr/bin/kubelet`), name).toBeGreaterThan(last)
      expect(events.filter(({ text }) => text?.startsWith('draining'))).toEqual([])
      await expect.poll(running, { timeout: 150_000, interval: 500 }).toEqual(of(stampedVersion))
      const kubelets = `get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'`
      expect((await kubectl(kubelets)).split(' ')).toEqual(nodes.map(() => `v${stampedVersion}`))
      expect(await podsReady()).toBe(4)
      expect(await on(cp1, 'ls /var/lib/kubestrap/backups/*/etcd.db')).toContain('v1.20.2/etcd.db')
      expect((await kubestrap('up', '--yes', '-i', file, '-o', 'plain')).stdout).toContain(
        'Nothing to change',
      )
    })

    test('that is older is refused, with why', async () => {
      const ran = await kubestrap('plan', '-i', lab('rollout-50', settings))
      expectCode(ran, 3)
      expect(ran.stderr).toContain('Kubernetes does not support downgrades')
    })
  })
})
