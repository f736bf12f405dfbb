import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answerOf,
  cp1,
  inventory,
  kubestrap,
  machines,
  names,
  on,
  type Ran,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { changedLines } from '../support/kubeadm-agrees.js'
import { bring, kubeadmNode, load } from '../support/kubeadm-node.js'
import { stampedBundle, stampedVersion } from '../support/stamped-bundle.js'

const reason = whyNot()
const bundle = join(homedir(), '.cache/kubestrap/bundle/v1.20.2')
const next = `v${stampedVersion}`

/**
 * What kubeadm finds wrong with the sandbox, not with the cluster: Debian has no CoreDNS, so the lab's
 * clusters have none. The first two checks look for its Deployment, the last for its image.
 */
const ignored = ['CoreDNSUnsupportedPlugins', 'CoreDNSMigration', 'ImagePull']

/** Kubelets tell the cluster how they are every ten seconds. */
const patience = { timeout: 60_000, interval: 500 }

const joinedFlags = 'cat /var/lib/kubelet/kubeadm-flags.env'
/** Everything else kubeadm has written on a node, by digest; the certificate by the name of its file. */
const joinedState = `
sha256sum /etc/kubernetes/kubelet.conf /etc/kubernetes/pki/ca.crt /var/lib/kubelet/config.yaml
readlink /var/lib/kubelet/pki/kubelet-client-current.pem`

const took = async <T>(what: string, work: Promise<T>): Promise<T> => {
  const began = performance.now()
  const result = await work
  process.stderr.write(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
  return result
}

const mustRun = async (work: Promise<Ran>): Promise<Ran> => {
  const ran = await work
  if (ran.code !== 0) throw new Error(`exit ${ran.code}:\n${ran.stdout}\n${ran.stderr}`)
  return ran
}

/** The first lines of a plan's changes. */
const changesIn = ({ stdout }: Ran): string[] => stdout.match(/^~ .*/gm) ?? []

/** NAME, STATUS and VERSION of the nodes. */
const nodes = async (): Promise<string[][]> =>
  (await on(cp1, 'kubectl get nodes --no-headers'))
    .trim()
    .split('\n')
    .map((row) => row.split(/ +/))
    .map(([name = '', status = '', , , version = '']) => [name, status, version])

describe.skipIf(reason !== undefined)(
  `real kubeadm, on a cluster of kubestrap${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let whole = ''
    let stamped = ''

    beforeAll(async () => {
      whole = inventory('lab')
      const without = inventory('without-w2', (text) => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''))
      await kubestrap('lab', 'down', '-i', whole)
      await mustRun(kubestrap('lab', 'bundle', '-i', whole))
      stamped = await stampedBundle(bundle)
      await mustRun(kubestrap('lab', 'up', '-i', whole))
      await Promise.all([
        took('kubestrap up, 1+1', mustRun(kubestrap('up', '--yes', '-i', without, '-o', 'plain'))),
        kubeadmNode(w2, bundle, `${machines[cp1]} api.lab.internal`),
      ])
      await bring(cp1, bundle, 'kubeadm')
    })

    afterAll(async () => {
      await kubestrap('lab', 'down', '-i', whole)
    })

    test('joins a worker with the very line kubeadm prints, past every preflight check', async () => {
      const line = (await on(cp1, 'kubeadm token create --print-join-command')).trim()
      expect(line).toMatch(
        /^kubeadm join api\.lab\.internal:6443 --token [a-z0-9]{6}\.[a-z0-9]{16} +--discovery-token-ca-cert-hash sha256:[0-9a-f]{64}$/,
      )
      const joined = await took('kubeadm join', answerOf(w2, line))
      expect(joined.stdout).toContain('This node has joined the cluster')
      expectCode(joined, 0)
      // Ready it is not: the pod network of a new node is kubestrap's
      expect(await nodes()).toEqual([
        [cp1, 'Ready', 'v1.20.2'],
        [w1, 'Ready', 'v1.20.2'],
        [w2, 'NotReady', 'v1.20.2'],
      ])
    })

    test('leaves a worker that kubestrap adopts, changed in nothing that kubeadm wrote there but the node-ip it is told', async () => {
      const before = await on(w2, joinedState)
      const flags = await on(w2, joinedFlags)
      const uid = await on(cp1, `kubectl get node ${w2} -o jsonpath={.metadata.uid}`)
      const plan = changesIn(await kubestrap('plan', '-i', whole))
      expect(plan.filter((line) => !line.startsWith(`~ ${w2}: `))).toEqual(
        [cp1, w1].map((name) => expect.stringMatching(`^~ ${name}: route .* via ${machines[w2]}$`)),
      )
      const up = await took(
        'kubestrap up, adopting',
        mustRun(kubestrap('up', '--yes', '-i', whole, '-o', 'plain')),
      )
      expect(up.stdout).toContain('nodes Ready: 3 nodes [passed')
      expect(up.stdout).toContain('Pod to Pod across nodes: 6 ways [passed')
      expect(await on(w2, joinedState)).toBe(before)
      // the unit is kubestrap's now, and with that restart the kubelet is told its node's address
      const words = (text: string): string[] => text.replace(/"\n$/, '').split(/ |="/).sort()
      expect(words(await on(w2, joinedFlags))).toEqual([...words(flags), `--node-ip=${machines[w2]}`].sort())
      expect(await on(cp1, `kubectl get node ${w2} -o jsonpath={.metadata.uid}`)).toBe(uid)
      const again = await kubestrap('up', '--yes', '-i', whole, '-o', 'plain')
      expect(again.stdout).toContain('Nothing to change')
      expectCode(again, 0)
    })

    test('finds every certificate, all valid for long and all its own to renew', async () => {
      const { code, stdout } = await answerOf(cp1, 'kubeadm certs check-expiration')
      // name, expiry, time left, the signer of those that have one named, externally managed
      const rows = [
        ...stdout.matchAll(/^(\S+) +\w{3} \d\d, \d{4} \d\d:\d\d UTC +(\d+[dy]) +(\S+ +)?(\S+) *$/gm),
      ]
      const found = rows.map(([, name, left, signer, external]) => [name, left, signer?.trim(), external])
      expect(found).toEqual([
        ['admin.conf', '364d', undefined, 'no'],
        ['apiserver', '364d', 'ca', 'no'],
        ['apiserver-etcd-client', '364d', 'etcd-ca', 'no'],
        ['apiserver-kubelet-client', '364d', 'ca', 'no'],
        ['controller-manager.conf', '364d', undefined, 'no'],
        ['etcd-healthcheck-client', '364d', 'etcd-ca', 'no'],
        ['etcd-peer', '364d', 'etcd-ca', 'no'],
        ['etcd-server', '364d', 'etcd-ca', 'no'],
        ['front-proxy-client', '364d', 'front-proxy-ca', 'no'],
        ['scheduler.conf', '364d', undefined, 'no'],
        ['ca', '9y', undefined, 'no'],
        ['etcd-ca', '9y', undefined, 'no'],
        ['front-proxy-ca', '9y', undefined, 'no'],
      ])
      expect(stdout).not.toMatch(/MISSING|invalid/)
      expect(code).toBe(0)
    })

    test('would change nothing but image tags in an upgrade to the next patch', async () => {
      const { code, stdout } = await answerOf(cp1, `kubeadm upgrade diff ${next}`)
      const images = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].flatMap((name) => [
        `-    image: k8s.gcr.io/${name}:v1.20.2`,
        `+    image: k8s.gcr.io/${name}:${next}`,
      ])
      expect(changedLines(stdout).sort()).toEqual(images.sort())
      expect(code).toBe(0)
    })

    test('upgrades the control plane to the next patch (the same programs, stamped), and the cluster works', async () => {
      const authority =
        'sha256sum /etc/kubernetes/pki/ca.* /etc/kubernetes/pki/sa.* /etc/kubernetes/pki/etcd/ca.*'
      const before = await on(cp1, authority)
      await bring(cp1, stamped, 'kubeadm')
      expect((await on(cp1, 'kubeadm version -o short')).trim()).toBe(next)
      await load(cp1, stamped, ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
      await Promise.all(names.map((name) => load(name, stamped, ['kube-proxy'])))
      const applied = await took(
        'kubeadm upgrade apply',
        answerOf(cp1, `kubeadm upgrade apply ${next} --yes --ignore-preflight-errors=${ignored}`),
      )
      expect(applied.stdout).toContain(`SUCCESS! Your cluster was upgraded to "${next}"`)
      expectCode(applied, 0)
      expect(await on(cp1, 'kubectl version --short')).toContain(`Server Version: ${next}`)
      await on(cp1, 'kubectl -n kube-system rollout status daemonset kube-proxy --timeout=120s')
      const pods = await on(cp1, 'kubectl -n kube-system get pods -o jsonpath={..image}')
      expect([...new Set(pods.split(' '))].filter((image) => image.includes('/kube-')).sort()).toEqual(
        ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'].map(
          (name) => `k8s.gcr.io/${name}:${next}`,
        ),
      )
      const verified = await kubestrap('verify', '-i', whole)
      expect(verified.stdout).toContain('Pod to Pod across nodes: 6 ways [passed')
      expectCode(verified, 0)
      await expect.poll(nodes, patience).toEqual(names.map((name) => [name, 'Ready', 'v1.20.2']))
      expect(await on(cp1, authority)).toBe(before)
    })

    test('leaves a cluster of which our plan names exactly that difference, and refuses', async () => {
      const { code, stderr } = await kubestrap('plan', '-i', whole)
      expect(stderr.match(/^.* in the cluster, .*$/gm)).toEqual([
        `  ${whole}:5:3: kubernetes.version is ${next} in the cluster, v1.20.2 here`,
      ])
      expect(stderr).toContain('the inventory contains a change that up does not make')
      expect(code).toBe(3)
    })

    test("leaves to an inventory of the new version what kubeadm does not do: the nodes' programs", async () => {
      const moved = inventory('moved-on', (text) =>
        text.replace('"1.20.2"', `"${stampedVersion}"`).replace(/bundle: .*/, `bundle: ${stamped}`),
      )
      const plan = changesIn(await kubestrap('plan', '-i', moved))
      expect(plan.sort()).toEqual(
        [
          ...names.flatMap((name) => [
            `~ ${name}: install /var/lib/kubestrap/staged/kubelet`,
            `~ ${name}: install /var/lib/kubestrap/staged/kubectl`,
            `~ ${name}: replace /usr/bin/kubelet (restarts kubelet.service)`,
            `~ ${name}: replace /usr/bin/kubectl`,
          ]),
          // kubeadm has renewed admin.conf, of which it is a copy
          `~ ${cp1}: renew ~root/.kube/config`,
        ].sort(),
      )
      const up = await took(
        'kubestrap up, kubelets',
        mustRun(kubestrap('up', '--yes', '-i', moved, '-o', 'plain')),
      )
      expect(up.stdout).toContain('Pod to Pod across nodes: 6 ways [passed')
      await expect.poll(nodes, patience).toEqual(names.map((name) => [name, 'Ready', next]))
      expect((await kubestrap('up', '--yes', '-i', moved, '-o', 'plain')).stdout).toContain(
        'Nothing to change',
      )
    })
  },
)
