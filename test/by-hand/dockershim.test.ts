import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeManifest } from '../../src/bundle/write-bundle.js'
import { startLab } from '../support/e2e-cluster.js'
import { answerOf, cp1, inventory, kubestrap, machines, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'
import { bundledVersions, hour, took, up } from '../support/todays-lab.js'

// A cluster on Docker, which its kubelets reach by dockershim, goes to the minor without dockershim: with Docker and
// cri-dockerd, and to containerd. One control plane and two workers, an application with a PodDisruptionBudget, one
// SIGKILL in the middle of each:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand dockershim
// DIR has a bundle of 1.23 and one of 1.24 with cri-dockerd in it, as bundle-1.23.17.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const [last = '', next = ''] = bundledVersions(releases).filter((version) => /^1\.2[34]\./.test(version))
const reason =
  last.startsWith('1.23.') && next.startsWith('1.24.')
    ? whyNot()
    : 'KUBESTRAP_RELEASES names no directory with a bundle of 1.23 and one of 1.24'
const nodes = [cp1, w1, w2]
const budget = 3

const note = (text: string): void => void process.stderr.write(`${text}\n`)
const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)

const manifestOf = (bundle: string) => JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8'))

/** The tag that a bundle's image of a name has. */
const tagOf = (bundle: string, name: string): string =>
  manifestOf(bundle)
    .images.map(({ reference }: { reference: string }) => new RegExp(`/${name}:(.+)$`).exec(reference)?.[1])
    .find(Boolean)

/** The lab's inventory of a version. @param runtime '' names none */
function lab(version: string, runtime: string, bundle = join(releases, `bundle-${version}`)): string {
  return inventory(`shim-${version}-${runtime || 'kept'}`, (text) =>
    text
      .replace('"1.20.2"', `"${version}"`)
      .replace('runtime: docker\n', runtime ? `runtime: ${runtime}\n` : '')
      .replace(/^dns:\n.*\n/m, `dns: { imageTag: "${tagOf(bundle, 'coredns')}" }\n`)
      .replace(/imageTag: "3\.4\..*/, `imageTag: "${tagOf(bundle, 'etcd')}"`)
      .replace(/bundle: .*/, `bundle: ${bundle}`),
  )
}

/** Of each node: its kubelet's version, its runtime's name, and whether it is cordoned. */
async function seen(): Promise<string[]> {
  const told = await kubectl(
    `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.status.nodeInfo.containerRuntimeVersion} {.spec.unschedulable}{"\\n"}{end}'`,
  )
  return told
    .trim()
    .split('\n')
    .map((line) => line.replace(/:\/\/\S+/, '').trim())
}

/** Does something while the ready Pods of the application are counted; tells the fewest, and its time. */
async function underBudget(what: string, action: () => Promise<void>): Promise<void> {
  let [least, looks, over] = [Number.POSITIVE_INFINITY, 0, false]
  const sampling = (async () => {
    while (!over) {
      const { code, stdout } = await answerOf(
        cp1,
        'timeout 5 kubectl get deployment web -o jsonpath={.status.readyReplicas}',
      )
      if (code === 0) [least, looks] = [Math.min(least, Number(stdout || '0')), looks + 1]
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  })()
  try {
    await took(what, action())
  } finally {
    over = true
    await sampling
  }
  note(`${what}: fewest ready Pods ${least} of 4 in ${looks} looks`)
  expect(least).toBeGreaterThanOrEqual(budget)
}

/** A run killed in the middle of a worker's turn, then one that goes on, verifies, and leaves nothing to change. */
async function killedAndGoneOnWith(file: string, step: RegExp): Promise<void> {
  const killed = await killedRun(['up', '--yes', '-i', file, '--no-verify'], { step, ms: 4_000 })
  note(
    `killed: ${killed.killed}, under way: ${killed.underWay.join(' ')}; ${await seen().then((all) => all.join('; '))}`,
  )
  expect(killed.killed).toBe(true)
  const ran = await took('the run after it', up(file))
  note(`${ran.stdout.slice(-6000)}\n${ran.stderr}`)
  expectCode(ran, 0)
}

async function nothingIsLeftToDo(file: string): Promise<void> {
  const again = await up(file)
  expect(again.stdout, again.stderr).toContain('Nothing to change')
  expectCode(await kubestrap('verify', '-i', file), 0)
  await kubectl('rollout status deployment/web --timeout=60s')
  await hostPortsAnswer()
}

/** A cluster of 1.23 on Docker, with the application. */
async function born(): Promise<void> {
  const file = lab(last, 'docker')
  await startLab(file)
  const ran = await took(`birth of ${last} on Docker`, up(file))
  expectCode(ran, 0)
  expect(await seen()).toEqual(nodes.map((name) => `${name} v${last} docker`))
  const image = 'docker.io/library/kubestrap-verify:1'
  const grace = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}'
  await kubectl(
    `create deployment web --image=${image} --replicas=4 -- sleep 1d && kubectl patch deployment web -p '${grace}' && kubectl create pdb web --selector=app=web --min-available=${budget} && kubectl rollout status deployment/web --timeout=90s`,
  )
  await on(cp1, `kubectl apply -f - <<'END'${edge}END`)
  await hostPortsAnswer()
}

/** Answers on the same port of every node; its Pods stay while a node is drained. */
const edge = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: edge, namespace: default }
spec:
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      terminationGracePeriodSeconds: 1
      tolerations: [{ operator: Exists }]
      containers:
        - name: edge
          image: docker.io/library/kubestrap-verify:1
          command: [sh, -c, "mkdir -p /tmp/w && echo edge >/tmp/w/index.html && exec httpd -f -p 8080 -h /tmp/w"]
          ports: [{ containerPort: 8080, hostPort: 18080 }]
`

/** Every host port is answered, also when its Pod is another one. */
async function hostPortsAnswer(): Promise<void> {
  const ask = async () => {
    for (const name of nodes)
      expect(await answerOf(cp1, `curl -s -m 5 http://${machines[name]}:18080/`), name).toMatchObject({
        stdout: 'edge\n',
      })
  }
  await kubectl('rollout status daemonset/edge --timeout=90s')
  await ask()
  await kubectl('rollout restart daemonset/edge && kubectl rollout status daemonset/edge --timeout=90s')
  await ask()
}

const planOf = async (file: string) => {
  const plan = await kubestrap('plan', '-i', file, '-o', 'plain')
  note(plan.stdout.slice(0, 6000) + plan.stderr)
  return plan
}

describe.skipIf(reason !== undefined)(
  `from dockershim${reason ? ` (skipped: ${reason})` : ''}`,
  { timeout: hour },
  () => {
    afterAll(async () => {
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab(last, 'docker'))
    })

    describe('to containerd', () => {
      beforeAll(born, hour)

      test('is refused together with the version, and says which comes first', async () => {
        const plan = await planOf(lab(next, 'containerd'))
        expect(plan.code).not.toBe(0)
        expect(plan.stderr).toContain(`set kubernetes.version to ${last} and run kubestrap up`)
      })

      test('is made on the last version with dockershim, node by node', async () => {
        const file = lab(last, 'containerd')
        const plan = await planOf(file)
        expectCode(plan, 0)
        expect(plan.stderr + plan.stdout).toContain('container runtime from docker to containerd')
        await underBudget(`from Docker to containerd on ${last}`, () =>
          killedAndGoneOnWith(file, new RegExp(`${w1}/former-runtime`)),
        )
        expect(await seen()).toEqual(nodes.map((name) => `${name} v${last} containerd`))
        for (const name of nodes) {
          expect(await on(name, 'systemctl is-active docker docker.socket || :')).toBe('inactive\ninactive\n')
          expect(await on(name, 'pgrep -c dockerd || :')).toBe('0\n')
          expect(await on(name, 'ls /var/lib/dockershim/sandbox 2>/dev/null || :')).toBe('')
        }
        await nothingIsLeftToDo(file)
      })

      test('the version follows', async () => {
        const file = lab(next, 'containerd')
        expectCode(await planOf(file), 0)
        await underBudget(`from ${last} to ${next} on containerd`, () =>
          killedAndGoneOnWith(file, new RegExp(`${w1}/service:kubelet`)),
        )
        expect(await seen()).toEqual(nodes.map((name) => `${name} v${next} containerd`))
        await nothingIsLeftToDo(file)
      })
    })

    describe('to Docker with cri-dockerd', () => {
      beforeAll(born, hour)

      test('without a runtime in the inventory: Docker is kept', async () => {
        const plan = await planOf(lab(next, ''))
        expectCode(plan, 0)
        expect(plan.stdout).toContain('cri-dockerd')
        expect(plan.stdout).not.toContain('containerd.service')
      })

      test.each(['', 'docker'])('without cri-dockerd is refused (runtime: %j)', async (runtime) => {
        const directory = mkdtempSync(join(tmpdir(), 'kubestrap-shim-'))
        try {
          cpSync(join(releases, `bundle-${next}`), directory, { recursive: true })
          const manifest = manifestOf(directory)
          const binaries = manifest.binaries.filter(({ name }: { name: string }) => name !== 'cri-dockerd')
          await writeManifest(directory, { ...manifest, binaries })
          const plan = await planOf(lab(next, runtime, directory))
          expect(plan.code).not.toBe(0)
          expect(plan.stderr + plan.stdout).toContain('cri-dockerd')
          expect(plan.stderr + plan.stdout).toContain('set docker: { criDockerd: PATH of the program }')
        } finally {
          rmSync(directory, { recursive: true })
        }
      })

      test('node by node', async () => {
        const file = lab(next, 'docker')
        expectCode(await planOf(file), 0)
        await underBudget(`from ${last} to ${next} on Docker`, () =>
          killedAndGoneOnWith(file, new RegExp(`${w1}/service:kubelet`)),
        )
        expect(await seen()).toEqual(nodes.map((name) => `${name} v${next} docker`))
        for (const name of nodes) {
          expect(await on(name, 'systemctl is-active cri-docker.service docker.service')).toBe(
            'active\nactive\n',
          )
          expect(await on(name, 'tr "\\0" " " </proc/$(pgrep -x kubelet)/cmdline')).toContain(
            '--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock',
          )
          expect(await on(name, 'ls /var/lib/dockershim/sandbox 2>/dev/null || :')).toBe('')
        }
        await nothingIsLeftToDo(file)
      })
    })
  },
)
