import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cacheDirectory } from '../../src/lab/cache.js'
import { startLab, statusTold } from '../support/e2e-cluster.js'
import { cp1, directory, inventory, kubestrap, on, run, w1, w2, whyNot } from '../support/e2e-lab.js'
import { earlierVersion, whyNoHistory } from '../support/earlier-version.js'
import { expectCode } from '../support/expect-code.js'
import { inFirstFormat } from '../support/first-format.js'
import { differingLines, machineListing } from '../support/listing.js'
import { differing, machineSnapshot } from '../support/snapshot.js'
import { stampedBundle, stampedVersion } from '../support/stamped-bundle.js'

const reason = whyNot() ?? whyNoHistory()
/** Version 0.1.0. */
const commit = '445eb1d'
const hosts = [cp1, w1]
const installPackages =
  'export DEBIAN_FRONTEND=noninteractive; apt-get -q update && apt-get install -qy --no-install-recommends docker.io containernetworking-plugins conntrack ebtables ethtool socat'

interface AllowedChange {
  /** A line of the plan, from behind "~ HOST: ". */
  line: RegExp
  /** Why a cluster that 0.1.0 made needs it. */
  because: string
  /** Units it restarts, and containers of static pods that it makes anew; none when absent. */
  restarts?: readonly string[]
}

/**
 * What the present version may change on a cluster that 0.1.0 made. Whoever makes `up` do more there adds a
 * line here, and nothing restarts that it does not name.
 */
const allowed: readonly AllowedChange[] = [
  {
    line: /^keep the routes in one file, /,
    because: 'a file for each other node grew with the square of the nodes',
  },
  {
    line: /^change \/usr\/local\/lib\/kubestrap\/bridge-network \(restarts kubestrap-bridge\.service\)$/,
    because: 'it reads that one file; it sets routes and rules that are there, and no Pod is interrupted',
    restarts: ['kubestrap-bridge'],
  },
]

// One cluster, of a control plane and a worker; the tests build on one another.
describe.skipIf(reason !== undefined)(
  `a cluster that version 0.1.0 made${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let lab = ''
    let next = ''
    let before: string[] = []
    let planned: string[] = []
    let restartable: string[] = []
    let earlier: ReturnType<typeof earlierVersion>

    /** When units and the containers of static pods started, by "HOST NAME". */
    const started = async (): Promise<Record<string, string>> => {
      const seen = await Promise.all(
        hosts.map(async (host) => {
          const { units, containers } = await machineSnapshot(host)
          // what its verification started may still be ending
          const ofPods = Object.entries(containers).filter(
            ([name]) => !/\/k8s_POD|_kubestrap-verify-/.test(name),
          )
          return Object.entries({ ...units, ...Object.fromEntries(ofPods) }).map(([name, at]) => [
            `${host} ${name}`,
            at,
          ])
        }),
      )
      return Object.fromEntries(seen.flat())
    }

    beforeAll(async () => {
      earlier = earlierVersion(commit)
      const without = (text: string): string => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), '')
      const from = { bare: true, root: earlier.directory }
      await startLab(inventory('born-by-0.1.0', without, from))
      const bundle = join(directory, 'bundle-of-0.1.0')
      inFirstFormat(join(cacheDirectory, 'bundle', 'v1.20.2'), bundle)
      lab = inventory(
        'born-by-0.1.0',
        (text) => without(text).replace(/bundle: .*/, `bundle: ${bundle}`),
        from,
      )
      const stamped = await stampedBundle(join(cacheDirectory, 'bundle', 'v1.20.2'))
      next = inventory(
        'born-by-0.1.0-next',
        (text) =>
          without(text)
            .replace('"1.20.2"', `"${stampedVersion}"`)
            .replace(/bundle: .*/, `bundle: ${stamped}`),
        from,
      )
      // packages that were there are not the cluster's: what dpkg and apt keep is no part of the comparison
      await Promise.all(hosts.map((host) => on(host, installPackages)))
      before = await Promise.all(hosts.map(machineListing))
      const born = await run(process.execPath, [
        `${earlier.directory}/bin/kubestrap.js`,
        'up',
        '-i',
        lab,
        '-o',
        'plain',
      ])
      expect(born.code, born.stdout + born.stderr).toBe(0)
    })

    afterAll(async () => {
      await kubestrap('lab', 'down', '-i', lab)
      earlier?.remove()
    })

    test('has changes in its plan that are all named here, each with its reason', async () => {
      const plan = await kubestrap('plan', '-i', lab)
      expectCode(plan, 0)
      planned = plan.stdout.match(/^[~?] .*$/gm) ?? []
      const of = (line: string) => allowed.find((one) => one.line.test(line.replace(/^~ \S+: /, '')))
      expect(planned.filter((line) => of(line) === undefined)).toEqual([])
      restartable = planned.flatMap((line) => of(line)?.restarts ?? [])
      process.stderr.write(
        `0.1.0: ${planned.length} changes planned\n${planned.map((line) => `  ${line}\n      ${of(line)?.because}\n`).join('')}`,
      )
    })

    test('is converged by up, and nothing restarts but what the plan named', async () => {
      const first = await started()
      const names = Object.keys(first).join('\n')
      for (const name of ['kubelet', 'docker', 'kube-apiserver', 'etcd', 'kube-proxy'])
        expect(names).toContain(name)
      const up = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')
      expect(up.code, up.stdout + up.stderr).toBe(0)
      const restarted = differing(first, await started())
      expect(restarted.filter((name) => !restartable.some((one) => name.includes(one)))).toEqual([])
    })

    test('is changed in nothing by a second up, and is what the inventory says', async () => {
      const again = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')
      expect(again.stdout, again.stderr).toContain('Nothing to change')
      expect((await statusTold(lab)).drift).toBe(0)
      expectCode(await kubestrap('verify', '-i', lab), 0)
    })

    test('is upgraded to the next patch (the same programs, stamped): the same cluster, and a second up changes nothing', async () => {
      // HOME elsewhere: kubectl's cache in ~/.kube would be left for the listing after the reset
      const told = (): Promise<string> =>
        on(
          cp1,
          `export HOME=/tmp/kubectl-of-tests KUBECONFIG=/etc/kubernetes/admin.conf
kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.uid} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}'
kubectl -n kube-system get pods -l tier=control-plane -o jsonpath='{range .items[*]}{.spec.containers[0].image}{"\\n"}{end}' | grep kube-
sha256sum /etc/kubernetes/pki/ca.key /etc/kubernetes/pki/sa.key /etc/kubernetes/pki/etcd/ca.key`,
        )
      const first = await told()
      expect(first.split('v1.20.2')).toHaveLength(hosts.length + 3 + 1)
      const up = await kubestrap('up', '--yes', '-i', next, '-o', 'plain')
      expect(up.code, up.stdout + up.stderr).toBe(0)
      await expect
        .poll(told, { timeout: 150_000, interval: 500 })
        .toBe(first.replaceAll('v1.20.2', `v${stampedVersion}`))
      const again = await kubestrap('up', '--yes', '-i', next, '-o', 'plain')
      expect(again.stdout, again.stderr).toContain('Nothing to change')
    })

    test('is taken away by reset, by the ledger that 0.1.0 began: the machines are as they were', async () => {
      const gone = await kubestrap('reset', '-i', next, '--yes', '--images', '-o', 'plain')
      expect(gone.code, gone.stdout + gone.stderr).toBe(0)
      const after = await Promise.all(hosts.map(machineListing))
      // the lab's machines have the directory already; neither version notes which mode it had
      const left = ['- /var/lib/etcd 755', '+ /var/lib/etcd 700']
      for (const [i, host] of hosts.entries())
        expect(differingLines(before[i] ?? '', after[i] ?? ''), host).toEqual(host === cp1 ? left : [])
      expect(await on(cp1, 'ls -d /var/lib/kubestrap 2>/dev/null || :')).toBe('')
    })
  },
)
