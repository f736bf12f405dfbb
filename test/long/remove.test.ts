import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statusTold, upChanged } from '../support/e2e-cluster.js'
import { cp1, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'

const reason = whyNot()
const image = 'docker.io/library/kubestrap-verify:1'
const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)
const replicas = 4
const minimum = 3

/** Asks every 0.2 s how many Pods are ready; the answer is the least there were meanwhile. */
async function leastReady(work: () => Promise<void>): Promise<number> {
  await on(
    cp1,
    `rm -f /run/least /run/watched; nohup sh -c 'while [ ! -e /run/watched ]; do kubectl get deployment web -o jsonpath="{.status.readyReplicas}{\\"\\n\\"}" >>/run/least; sleep 0.2; done' >/dev/null 2>&1 </dev/null &`,
  )
  try {
    await work()
  } finally {
    await on(cp1, 'touch /run/watched')
  }
  const counts = (await on(cp1, 'sleep 1; cat /run/least')).split('\n').filter(Boolean).map(Number)
  expect(counts.length).toBeGreaterThan(5)
  return Math.min(...counts)
}

// One cluster whose workers are removed and come back; the tests build on one another.
describe.skipIf(reason !== undefined)(`workers that leave${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let file = ''
  let whole = ''

  beforeAll(async () => {
    file = inventory('remove', (text) => `${text}rollout: { drain: { timeout: 2m } }\n`)
    whole = readFileSync(file, 'utf8')
    await kubestrap('lab', 'down', '-i', file)
    const made = await kubestrap('lab', 'quickstart', '-i', file, '-o', 'plain')
    if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
    const patch = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":1}}}}'
    await kubectl(
      `create deployment web --image=${image} --replicas=${replicas} -- sleep 1d && kubectl patch deployment web -p '${patch}' && kubectl rollout status deployment/web --timeout=90s && kubectl create pdb web --selector=app=web --min-available=${minimum}`,
    )
  })

  afterAll(async () => {
    await kubestrap('lab', 'down', '-i', file)
  })

  const ready = (): Promise<number> =>
    kubectl(`get deployment web -o jsonpath='{.status.readyReplicas}'`).then(Number)
  const nodeNames = async (): Promise<string[]> =>
    (await statusTold(file)).nodes.map(({ name }) => name).sort()

  test('by drain keep their Pods within the budget, and up leaves the cordon; uncordon takes it back', async () => {
    const least = await leastReady(async () => {
      const ran = await kubestrap('drain', '-i', file, '-o', 'plain', w1)
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    })
    expect(least).toBeGreaterThanOrEqual(minimum)
    expect(await kubectl(`get pods -l app=web -o jsonpath='{.items[*].spec.nodeName}'`)).not.toContain(w1)
    expect(await upChanged(file, '--no-verify')).toEqual([])
    expect(await kubectl(`get node ${w1} -o jsonpath='{.spec.unschedulable}'`)).toBe('true')
    expectCode(await kubestrap('uncordon', '-i', file, w1), 0)
    expect(await kubectl(`get node ${w1} -o jsonpath='{.spec.unschedulable}'`)).toBe('')
  })

  test('are left cordoned by a drain that is interrupted, which says so', async () => {
    await kubectl('scale deployment web --replicas=3 && kubectl rollout status deployment/web --timeout=60s')
    const child = spawn(process.execPath, ['bin/kubestrap.js', 'drain', '-i', file, '-o', 'json', w2])
    const said = { out: '', err: '' }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    child.stderr.on('data', (chunk) => (said.err += chunk))
    child.stdout.on('data', (chunk) => {
      const before = said.out.includes('eviction must wait')
      said.out += chunk
      if (!before && said.out.includes('eviction must wait')) child.kill('SIGINT')
    })
    expect(await ended, said.err).toBe(130)
    expect(said.err).toContain(`the drain of ${w2} was interrupted`)
    expect(said.err).toContain(`${w2} is cordoned; still on it: default/web-`)
    expectCode(await kubestrap('uncordon', '-i', file, w2), 0)
    await kubectl(
      `scale deployment web --replicas=${replicas} && kubectl rollout status deployment/web --timeout=60s`,
    )
  })

  test('one after the other are removed, from the inventory too, and come back, and the application keeps its minimum', async () => {
    for (const name of [w2, w1]) {
      const least = await leastReady(async () => {
        const ran = await kubestrap('remove', '-i', file, '-o', 'plain', '--yes', '--edit-inventory', name)
        expect(ran.code, ran.stdout + ran.stderr).toBe(0)
        expect(ran.stdout).toMatch(new RegExp(`drain ${name} \\(evict \\d+ Pods?: default/web-`))
      })
      expect(least).toBeGreaterThanOrEqual(minimum)
      const lines = whole.split('\n')
      expect(readFileSync(file, 'utf8')).toBe(
        lines.filter((line) => !line.startsWith(`  ${name}:`)).join('\n'),
      )
      expect(await nodeNames()).not.toContain(name)
      // the others forget it
      await upChanged(file, '--no-verify')
      expect(await upChanged(file, '--no-verify')).toEqual([])
      writeFileSync(file, whole)
      await upChanged(file, '--no-verify')
      expect(await nodeNames()).toContain(name)
      await expect.poll(ready, { timeout: 60_000, interval: 500 }).toBe(replicas)
    }
    expectCode(await kubestrap('verify', '-i', file), 0)
  })

  test('by a power cut are removed with --gone, which the error names', async () => {
    await kubestrap('lab', 'kill', '-i', file, w2)
    const living = await kubestrap('remove', '-i', file, '-o', 'plain', '--yes', w2)
    expectCode(living, 5)
    expect(living.stderr).toContain(`kubestrap remove --gone ${w2}`)
    const ran = await kubestrap(
      'remove',
      '-i',
      file,
      '-o',
      'plain',
      '--yes',
      '--gone',
      '--edit-inventory',
      w2,
    )
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    expect(await nodeNames()).not.toContain(w2)
    await upChanged(file, '--no-verify')
    await expect.poll(ready, { timeout: 60_000, interval: 500 }).toBe(replicas)
  })
})
