import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { expectThreePlanes, planeLines, threePlanes, withPlanes } from '../support/control-planes.js'
import { startLab, statusTold, upChanged } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  cp2,
  cp3,
  cp4,
  directory,
  inventory,
  kubestrap,
  machines,
  on,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { killedRun } from '../support/killed-run.js'
import { bring, kubeadmNode, load } from '../support/kubeadm-node.js'
import { type Told, type WatchedRun, watchedRun } from '../support/watched-run.js'

const reason = whyNot()
const bundle = join(homedir(), '.cache/kubestrap/bundle/v1.20.2')

// One cluster that grows; the tests build on one another. Its endpoint is its first control plane.
describe.skipIf(reason !== undefined)(
  `several control planes${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let one = ''
    let three = ''

    beforeAll(async () => {
      one = inventory('one-plane', (text) => withPlanes(text, []))
      three = threePlanes()
      await startLab(three)
    })
    afterAll(() => kubestrap('lab', 'down', '-i', three))

    const up = (file: string): Promise<string[]> => upChanged(file, '--no-verify', '--yes')
    const expectWhole = (): Promise<void> => expectThreePlanes(three)
    /** What must not change on the first: certificates, and the containers of its static pods. */
    const first = (): Promise<string> =>
      on(
        cp1,
        `cd /etc/kubernetes && find . -type f ! -name '*.kubestrap*' -exec sha256sum {} + | sort -k2
for c in etcd kube-apiserver kube-controller-manager kube-scheduler; do docker ps -q --filter label=io.kubernetes.container.name=$c --filter label=io.kubernetes.docker.type=container; done`,
      )

    test('one grows into three, killed while a member joins: no file and no pod of the first is touched', async () => {
      await up(one)
      const before = await first()
      const run = await killedRun(['up', '-i', three, '--no-verify'], {
        step: new RegExp(`^(${cp2}|${cp3})/etcd-member$`),
        // it was added, and is still a learner
        progress: /^waiting: the member has started$/,
        ms: 0,
      })
      expect(run.killed).toBe(true)
      // the other waits for its turn, or is not yet so far
      expect(run.underWay.filter((key) => key.endsWith('/etcd-member')).length).toBeGreaterThan(0)
      expect((await statusTold(three)).etcd).toHaveLength(2)
      await up(three)
      expect(await first()).toBe(before)
      await expectWhole()
      expect(await up(three)).toEqual([])
      expectCode(await kubestrap('verify', '-i', three), 0)
    })

    test('changed flags of all API servers, with a file and a directory for them, go from one to the next', async () => {
      const policy = join(directory, 'audit-policy.yaml')
      const rules = (level: string): string =>
        `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: ${level} }]\n`
      writeFileSync(policy, rules('Metadata'))
      const edited = inventory('three-planes-flag', (text) =>
        withPlanes(text, [cp2, cp3]).replace(
          'runtime: docker',
          `runtime: docker
apiServer:
  extraArgs:
    v: "1"
    audit-policy-file: /etc/kubernetes/audit/policy.yaml
    audit-log-path: /var/log/kubernetes/audit.log
  extraVolumes:
    audit-policy: { hostPath: /etc/kubernetes/audit/policy.yaml, source: audit-policy.yaml }
    audit-log: { hostPath: /var/log/kubernetes, pathType: DirectoryOrCreate }`,
        ),
      )
      const began = await on(cp1, 'date +%s')
      await up(edited)
      const started = await Promise.all(
        [cp1, cp2, cp3].map((name) =>
          on(
            name,
            // one that ends still lets watches of its clients run out
            `docker inspect -f '{{.State.StartedAt}}' $(docker ps -q --filter label=io.kubernetes.container.name=kube-apiserver --filter label=io.kubernetes.docker.type=container) | sort | tail -n 1`,
          ),
        ),
      )
      const times = started.map((text) => Date.parse(text.trim()) / 1000).sort((a, b) => a - b)
      expect(times[0]).toBeGreaterThan(Number(began))
      // none starts before the one before it was ready, which takes it seconds
      for (const [i, time] of times.entries())
        if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThan(2)
      expect(await up(edited)).toEqual([])
      const levels = (name: string): Promise<string> =>
        on(
          name,
          `grep -o '"level":"[A-Za-z]*"' /var/log/kubernetes/audit.log | sort | uniq -c | sort -n | sed 's/.* //'`,
        )
      for (const name of [cp1, cp2, cp3]) expect(await levels(name)).toBe('"level":"Metadata"\n')
      writeFileSync(policy, rules('Request'))
      const planes = [cp1, cp2, cp3]
      expect((await up(edited)).sort()).toEqual(
        planes
          .flatMap((name) => [
            `${name}/file:/etc/kubernetes/audit/policy.yaml`,
            `${name}/static-pod:kube-apiserver`,
          ])
          .sort(),
      )
      for (const name of planes) expect(await levels(name)).toContain('"level":"Request"\n')
      expect(await up(edited)).toEqual([])
    })

    test('of three runs at once, as of three computers, one changes the API servers back, one is refused, and one waits and finds nothing to change', async () => {
      // with no `~` in it: it is of none of their users
      const known = inventory('three-planes-at-once', (text) =>
        withPlanes(text, [cp2, cp3]).replaceAll('~/', `${homedir()}/`),
      )
      const start = (...more: string[]): WatchedRun => {
        const home = mkdtempSync(join(directory, 'home-'))
        const run = watchedRun(['up', '--yes', '-i', known, '--no-verify', ...more], home)
        onTestFinished(async () => {
          run.kill()
          await run.ended
          rmSync(home, { recursive: true })
        })
        return run
      }
      const changedBy = (events: readonly Told[]): string[] =>
        events.flatMap(({ status, step }) => (status === 'changed' ? [step?.key ?? ''] : []))
      const changing = start()
      await changing.until(
        ({ type, step }) => type === 'step-started' && /\/manifests\/kube-apiserver/.test(step?.key ?? ''),
      )
      const name = `up by ${userInfo().username}@${hostname()}, process ${changing.pid}, since `
      const beside = start()
      const patient = start('--wait', '10m')
      const [refused] = await Promise.all([
        beside.ended,
        patient.until(({ text }) => text?.includes(`another run to end, at most 10m: ${name}`) ?? false),
      ])
      expect(changing.running(), 'the first is still at work').toBe(true)
      expect(refused.code, refused.said).toBe(6)
      expect(refused.said).toContain(`another run holds the cluster: ${name}`)
      expect(refused.said).toContain('--wait 10m waits for its end')
      const [changed, waited] = await Promise.all([changing.ended, patient.ended])
      expect(changed.code, changed.said).toBe(0)
      expect(waited.code, waited.said).toBe(0)
      expect(changedBy(changed.events)).toEqual(
        expect.arrayContaining(
          [cp1, cp2, cp3].map((plane) => `${plane}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`),
        ),
      )
      expect([refused, waited].map(({ events }) => changedBy(events))).toEqual([[], []])
      for (const { said } of [changed, refused, waited]) expect(said).not.toMatch(/KS\d{4}|taken over/)
    })

    test('without one control plane and one worker, which are dead, the rest is changed; they are caught up', async () => {
      const more = inventory('three-planes-more', (text) =>
        text
          .replace(/^ {2}\S+w2: .*\n/m, (line) => `${planeLines([cp2, cp3])}${line}`)
          .replace('runtime: docker', 'runtime: docker\napiServer: { extraArgs: { v: "1" } }')
          .replace(new RegExp(`^( {2}${cp1}: \\{.*) \\}$`, 'm'), '$1, labels: { example.com/rack: "7" } }'),
      )
      expectCode(await kubestrap('lab', 'up', '-i', more), 0)
      const dead = [w1, cp3]
      await Promise.all(dead.map((name) => kubestrap('lab', 'kill', '-i', three, name)))
      const refused = await kubestrap('up', '-i', more, '-o', 'plain')
      expectCode(refused, 5)
      expect(refused.stderr).toContain(`to go on without them: --away ${dead.join(',')}`)
      const changed = await upChanged(more, '--yes', '--no-verify', '--away', dead.join(','))
      const of = (name: string): string[] => changed.filter((key) => key.startsWith(`${name}/`))
      expect(dead.flatMap(of)).toEqual([])
      expect([cp1, cp2].map((name) => of(name).filter((key) => key.includes('kube-apiserver')))).toEqual(
        [cp1, cp2].map((name) => [`${name}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`]),
      )
      const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf'
      expect(await on(cp1, `${kubectl} get nodes -l example.com/rack=7 -o name`)).toBe(`node/${cp1}\n`)
      expect(await on(cp1, `${kubectl} wait --for=condition=Ready --timeout=60s node/${w2}`)).toContain('met')
      expect(await upChanged(more, '--away', 'any')).toEqual([])

      expectCode(await kubestrap('lab', 'up', '-i', more), 0)
      // the new worker learns its ways to their Pods too
      const caughtUp = (await upChanged(more, '--yes', '--no-verify')).filter((key) => key !== `${w2}/routes`)
      expect(new Set(caughtUp.map((key) => key.split('/')[0]))).toEqual(new Set(dead))
      expect(await upChanged(more)).toEqual([])
      expect((await statusTold(more)).etcdLoss).toBe('quorum 2 of 3: one more may fail')
      expectCode(await kubestrap('reset', '-i', more, '--yes', w2), 0)
      await up(three)
      await expectWhole()
    })

    test('a fourth joins by the real kubeadm, with the keys that were uploaded for it, and is adopted', async () => {
      const four = inventory('four-planes', (text) => withPlanes(text, [cp2, cp3, cp4]))
      expectCode(await kubestrap('lab', 'up', '-i', four), 0)
      await kubeadmNode(cp4, bundle, `${machines[cp1]} api.lab.internal`)
      await bring(cp4, bundle, 'kubeadm')
      await load(cp4, bundle, ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
      const line = await kubestrap('token', 'create', '-i', three, '--control-plane')
      expect(line.stdout).toMatch(/ --control-plane --certificate-key [0-9a-f]{64}\n$/)
      // Debian has no CoreDNS, whose image kubeadm would pull
      const joined = await answerOf(cp4, `${line.stdout.trim()} --ignore-preflight-errors=ImagePull`)
      expect(joined.stdout, joined.stderr).toContain(
        'This node has joined the cluster and a new control plane',
      )
      const written = `cd /etc/kubernetes && sha256sum manifests/* *.conf pki/*.crt pki/*.key pki/etcd/*`
      const before = await on(cp4, written)
      await up(four)
      expect(await on(cp4, written)).toBe(before)
      // a member on a box this busy may need more than the ten seconds that status gives it
      await expect
        .poll(
          async () => {
            const { etcd, etcdLoss } = await statusTold(four)
            return [...etcd.map(({ name }) => name).sort(), etcdLoss]
          },
          { timeout: 90_000 },
        )
        .toEqual([cp1, cp2, cp3, cp4, 'quorum 3 of 4: one more may fail'])
      expect(await up(four)).toEqual([])
      expectCode(await kubestrap('verify', '-i', four), 0)
      expectCode(await kubestrap('reset', '-i', four, '--yes', cp4), 0)
      // the others' routes to its Pods
      await up(three)
      await expectWhole()
    })

    test('one is taken out, and comes back', async () => {
      const reset = await kubestrap('reset', '-i', three, '--yes', cp3)
      expectCode(reset, 0)
      const { etcd, nodes } = await statusTold(three)
      expect(etcd.map(({ name }) => name).sort()).toEqual([cp1, cp2])
      expect(nodes.map(({ name }) => name)).not.toContain(cp3)
      await up(three)
      await expectWhole()
    })

    test('the first is taken out: another leads, and it comes back as any other', async () => {
      const reset = await kubestrap('reset', '-i', three, '--yes', cp1)
      expectCode(reset, 0)
      await up(three)
      await expectWhole()
      expect(await up(three)).toEqual([])
    })
  },
)
