import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { withPlanes } from '../support/control-planes.js'
import { startLab } from '../support/e2e-cluster.js'
import { cp1, cp2, cp3, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { kubeadmAgrees } from '../support/kubeadm-agrees.js'
import { bundledVersions, hour, todaysLab, took, up } from '../support/todays-lab.js'

// Upgrades of real components that cannot be made: stopped before anything is touched where that can be known, else at the first
// control plane node, which has the old version again. Then the causes are gone, and `up --hops` makes all of the way:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand upgrade-refused
// DIR has a bundle of each version as bundle-1.36.3, of minors that follow one another; the first is 1.33 (it serves an API that
// 1.34 no longer has) with an etcd of another minor than that of the second.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const versions = bundledVersions(releases)
const reason = versions.length < 2 ? 'KUBESTRAP_RELEASES names no directory with two bundles' : whyNot()
const [first = '', second = ''] = versions
const last = versions.at(-1) ?? ''
const planes = [cp1, cp2, cp3]
const nodes = [...planes, w1]

const kubectl = (args: string): Promise<string> => on(cp1, `kubectl ${args}`)

/** What runs and what lies on the nodes' disks: containers of the control plane by id, manifests, programs. */
const everything = (): Promise<string[]> =>
  Promise.all(
    nodes.map((name) =>
      on(
        name,
        'sha256sum /etc/kubernetes/manifests/* /usr/bin/kubelet /var/lib/kubelet/config.yaml; for c in etcd kube-apiserver kube-scheduler kube-controller-manager kubelet; do pgrep -x $c; done; true',
      ),
    ),
  )

/** Image tags of the control plane's containers by node, as the kubelets tell. */
const images = async (): Promise<string[]> =>
  (
    await kubectl(
      `-n kube-system get pods -l tier=control-plane -o jsonpath='{range .items[*]}{.spec.nodeName} {.spec.containers[0].image} {.status.containerStatuses[0].ready}{"\\n"}{end}'`,
    )
  )
    .trim()
    .split('\n')
    .sort()

const ready = async (): Promise<string> =>
  kubectl(
    `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.spec.unschedulable}{"\\n"}{end}'`,
  )

/** The endpoint is the first control plane node: while its API server was away, kubelets told nobody that they are well. */
const allReady = (): Promise<void> =>
  expect.poll(ready, { timeout: 120_000, interval: 1_000 }).not.toMatch(/False|Unknown|true/)

describe.skipIf(reason !== undefined)(
  `an upgrade that cannot be made${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const lab = (name: string, version: string, edit: (text: string) => string = (text) => text): string =>
      inventory(
        `refused-${name}`,
        (text) =>
          edit(withPlanes(todaysLab(text, { releases, version, network: 'bridge' }), [cp2, cp3])).replace(
            `suites: { ${w2}:`,
            `suites: { ${w1}:`,
          ),
        { bare: true },
      )
    const flags =
      (of: string, ...lines: string[]) =>
      (text: string) =>
        text.replace(/^network: /m, `${of}: { extraArgs: { ${lines.join(', ')} } }\nnetwork: `)
    const old = (): string => lab('old', first)
    const next = (): string => lab('next', second)

    let born = false

    /** A run that is refused or fails, with nothing touched. */
    const untouched = async (what: string, file: string, ...said: (string | RegExp)[]): Promise<void> => {
      expect(born, 'there is no cluster').toBe(true)
      const before = await everything()
      const ran = await took(what, up(file))
      process.stderr.write(`exit ${ran.code}: ${ran.stderr}\n`)
      expect(ran.code, ran.stdout).not.toBe(0)
      for (const one of said) expect(ran.stderr).toMatch(one)
      expect(await everything()).toEqual(before)
      await allReady()
    }

    /** A run that fails at the first control plane node: that node is as it was, the others were not touched. */
    const rolledBack = async (what: string, file: string, ...said: (string | RegExp)[]): Promise<void> => {
      expect(born, 'there is no cluster').toBe(true)
      const before = await images()
      const others = (await everything()).slice(1)
      const ran = await took(what, up(file))
      process.stderr.write(`exit ${ran.code}: ${ran.stderr}\n`)
      expectCode(ran, 6)
      for (const one of said) expect(ran.stderr).toMatch(one)
      await expect.poll(images, { timeout: 120_000, interval: 1_000 }).toEqual(before)
      expect((await everything()).slice(1)).toEqual(others)
      await allReady()
      for (const name of planes)
        expect(
          await on(
            name,
            "kubectl --server https://$(hostname -i | cut -d' ' -f1):6443 --insecure-skip-tls-verify get --raw /readyz",
          ),
        ).toBe('ok')
      expect(await kubectl('get configmap written -o jsonpath={.data.before}')).toBe('all')
    }

    afterAll(async () => {
      if (!process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', old())
    })

    test(`begins with ${first}`, { timeout: hour }, async () => {
      await startLab(old())
      const file = lab(
        'gone',
        first,
        flags('apiServer', 'runtime-config: admissionregistration.k8s.io/v1beta1=true'),
      )
      const ran = await took(`birth of ${first}`, up(file))
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      born = true
      await kubectl('create configmap written --from-literal=before=all')
    })

    test('an API object in a version that is gone', { timeout: hour }, async () => {
      await on(
        cp1,
        `kubectl create -f - <<'X'
apiVersion: admissionregistration.k8s.io/v1beta1
kind: ValidatingAdmissionPolicy
metadata: { name: asked }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [things] }] }
  validations: [{ expression: "true" }]
X
kubectl delete validatingadmissionpolicies.v1beta1.admissionregistration.k8s.io asked`,
      )
      await untouched('an API that is gone', next(), /RemovedAPIs/, /validatingadmissionpolicies/)
      // those who asked are changed, and the API servers started anew
      const changed = await up(old())
      expectCode(changed, 0)
    })

    test('an image that does not exist', { timeout: hour }, async () => {
      const file = lab('image', second, (text) =>
        text.replace(/^network: /m, 'etcd: { imageTag: 9.9.9-0 }\nnetwork: '),
      )
      await untouched('an image that does not exist', file, /etcd:9\.9\.9-0/)
    })

    test('a disk that has no room for the images', { timeout: hour }, async () => {
      // what containerd has of images lies on a disk that is full: it is copied to one that has 2 MiB left
      const content = '/var/lib/containerd/io.containerd.content.v1.content'
      await on(
        w1,
        `mkdir /run/full && mount -t tmpfs -o size=$(($(du -sk ${content} | cut -f1) + 2048))k none /run/full && cp -a ${content}/. /run/full/ && mount --bind /run/full ${content}`,
      )
      try {
        await untouched('a full disk', next(), w1, /no space left/i, /KS0101/)
      } finally {
        await on(w1, `umount ${content} /run/full`)
      }
    })

    test('a disk that has no room for the snapshot of etcd', { timeout: hour }, async () => {
      await on(
        cp2,
        'mkdir -p /var/lib/kubestrap/backups && mount -t tmpfs -o size=64k none /var/lib/kubestrap/backups',
      )
      try {
        await untouched('no room for the snapshot', next(), cp2, /no space left/i)
      } finally {
        await on(cp2, 'umount /var/lib/kubestrap/backups')
      }
    })

    test('an etcd that does not start: its data of before, with the old one', { timeout: hour }, async () => {
      const file = lab('etcd', second, flags('etcd', 'no-such-flag: "1"'))
      await rolledBack('etcd with a flag that it does not know', file, cp1, /no-such-flag/)
    })

    test('a flag that the new API server does not know', { timeout: hour }, async () => {
      const file = lab('flag', second, flags('apiServer', 'no-such-flag: "1"'))
      const before = await images()
      const ran = await took('an API server with a flag that it does not know', up(file))
      process.stderr.write(`exit ${ran.code}: ${ran.stderr}\n`)
      expectCode(ran, 6)
      expect(ran.stderr).toContain(`${cp1}/file:/etc/kubernetes/manifests/kube-apiserver.yaml`)
      expect(ran.stderr).toContain('the old one runs again')
      expect(ran.stderr).toContain('no-such-flag')
      const kept = (lines: readonly string[]): string[] => lines.filter((line) => !line.includes('/etcd:'))
      await expect
        .poll(async () => kept(await images()), { timeout: 120_000, interval: 1_000 })
        .toEqual(kept(before))
      await allReady()
    })

    test(`up --hops to ${last} in one command`, { timeout: hour }, async () => {
      const file = lab('last', last)
      const ran = await took(`up --hops ${first} to ${last}`, up(file, '--hops'))
      process.stderr.write(`${ran.stdout.slice(-9000)}\n${ran.stderr}\n`)
      expectCode(ran, 0)
      const told = await kubectl("get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'")
      expect(told.split(' ')).toEqual(nodes.map(() => `v${last}`))
      expect((await up(file)).stdout).toContain('Nothing to change')
      expect(await kubectl('get configmap written -o jsonpath={.data.before}')).toBe('all')
      await kubeadmAgrees(cp1, join(releases, `bundle-${last}`), last)
      const verified = await kubestrap('verify', '-i', file)
      expect(verified.code, verified.stdout + verified.stderr).toBe(0)
    })
  },
)
