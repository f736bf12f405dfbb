import { X509Certificate } from 'node:crypto'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  cp1,
  directory,
  inventory,
  kubestrap,
  type MachineName,
  machines,
  names,
  on,
  run,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { haveNft, traces } from '../support/lab-traces.js'
import { differing, type Snapshot, snapshot } from '../support/snapshot.js'

const reason = whyNot()
/** What this lab's traces are known by. */
const own = [
  `/${basename(directory)}/`,
  `ks-${basename(directory)}0`,
  ...names.flatMap((name) => [`vb-${name}`, `lab-${name}`]),
]
const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-e2e-'))

describe.skipIf(reason !== undefined)(
  `a cluster on lab machines${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let lab = ''
    let before: Record<string, string> = {}
    let settled: Snapshot

    beforeAll(async () => {
      lab = inventory('lab', undefined, { bare: true })
      await kubestrap('lab', 'down', '-i', lab)
      await haveNft()
      before = await traces(own)
      const made = await kubestrap('lab', 'quickstart', '-i', lab, '-o', 'plain')
      if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
      process.stderr.write(
        made.stdout
          .split('\n')
          .filter((line) => /passed|Done|Ready/.test(line))
          .join('\n')
          .concat('\n'),
      )
      await untilAtRest()
      settled = await snapshot()
    })

    afterAll(async () => {
      await kubestrap('lab', 'down', '-i', lab)
      rmSync(scratch, { recursive: true, force: true })
    })

    test('has three Ready nodes with Docker and the version of the inventory', async () => {
      const nodes = await on(cp1, 'kubectl get nodes -o wide --no-headers')
      expect(nodes.trim().split('\n')).toHaveLength(3)
      for (const [name, address = ''] of names.map((one) => [one, machines[one]]))
        expect(nodes).toMatch(
          new RegExp(
            `^${name} +Ready .* v1\\.20\\.2 +${address.replaceAll('.', '\\.')} .*docker://20\\.10`,
            'm',
          ),
        )
    })

    test('answers on a NodePort of every machine from the operator side', async () => {
      await on(
        cp1,
        `kubectl create namespace nodeport && kubectl -n nodeport create deployment web --image=docker.io/library/kubestrap-verify:1 -- sh -c 'mkdir /tmp/w && echo hello >/tmp/w/index.html && exec httpd -f -p 8080 -h /tmp/w' && kubectl -n nodeport expose deployment web --type=NodePort --port=8080 && kubectl -n nodeport rollout status deployment web --timeout=60s`,
      )
      const port = (
        await on(cp1, "kubectl -n nodeport get service web -o jsonpath='{.spec.ports[0].nodePort}'")
      ).trim()
      for (const address of names.map((name) => machines[name] ?? '')) {
        const answer = await run('curl', [
          '-sf',
          '--max-time',
          '5',
          '--retry',
          '5',
          '--retry-all-errors',
          `http://${address}:${port}/`,
        ])
        expect(answer.stdout).toBe('hello\n')
      }
      // its shell hears no SIGTERM
      await on(
        cp1,
        'kubectl -n nodeport delete deployment web --wait=false && kubectl -n nodeport delete pods --all --grace-period=1 && kubectl delete namespace nodeport --wait',
      )
    })

    test('is changed in nothing by a second up', async () => {
      await untilAtRest()
      const first = await snapshot()
      const again = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')
      expect(again.stdout).toContain('Nothing to change')
      expectCode(again, 0)
      expectSame(first, await snapshot())
    })

    test('is changed in nothing by a plan, which says there is nothing to do', async () => {
      const first = await snapshot()
      const plan = await kubestrap('plan', '-i', lab, '--detailed-exitcode')
      expect(plan.stdout).toContain('Nothing to change')
      expectCode(plan, 0)
      expectSame(first, await snapshot())
    })

    test('is changed in nothing by the plan of an upgrade, which names versions, hops and what is in the way', async () => {
      const first = await snapshot()
      const plan = await kubestrap('upgrade', 'plan', '1.22.17', '-i', lab, '-o', 'json')
      const { nodes, hops, findings } = JSON.parse(plan.stdout)
      expect(nodes).toMatchObject(names.map((host) => ({ host, kubelet: '1.20.2', reached: true })))
      expect(hops).toMatchObject([
        { from: '1.20.2', to: '1.21.14' },
        { from: '1.21.14', to: '1.22.17' },
      ])
      // a bundle has one version; that controllers of 1.20 ask for it a real API server said
      expect(findings).toMatchObject([
        { check: 'VersionSource', severity: 'error', hops: ['1.21.14'] },
        { check: 'VersionSource', severity: 'error', hops: ['1.22.17'] },
        { check: 'RemovedAPIs', severity: 'warning', hops: ['1.22.17'] },
      ])
      expectCode(plan, 4)
      expectSame(first, await snapshot())
    })

    test('verifies, and is left as it was by that', async () => {
      const verified = await kubestrap('verify', '-i', lab)
      expectCode(verified, 0)
      expect(verified.stdout).toContain('Pod to Pod across nodes: 6 ways [passed')
      await untilAtRest()
      expect(await on(cp1, 'kubectl get namespaces -o name')).not.toContain('kubestrap-verify')
    })

    test('answers its operator: status, tokens, exec, a merged kubeconfig', async () => {
      const status = await kubestrap('status', '-i', lab)
      expect(status.stdout).toMatch(
        new RegExp(`^${cp1} +leader +https://${machines[cp1]}:2379 +3\\.4\\.23 `, 'm'),
      )
      expect(status.stdout).toMatch(new RegExp(`^kube-scheduler +v1\\.20\\.2 +${cp1} +\\S+ s ago$`, 'm'))
      expect(status.stdout).toContain('16 certificates; the first to expire is')
      expect(status.stdout).toContain('The cluster matches the inventory.')

      const made = await kubestrap('token', 'create', '-i', lab, '--ttl', '30m', '--description', 'of a test')
      expect(made.stdout).toMatch(
        /^kubeadm join api\.lab\.internal:6443 --token [a-z0-9]{6}\.[a-z0-9]{16} --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}\n$/,
      )
      const [id = '', secret = ''] = /([a-z0-9]{6})\.([a-z0-9]{16})/.exec(made.stdout)?.slice(1) ?? []
      const listed = await kubestrap('token', 'list', '-i', lab)
      expect(listed.stdout).toMatch(new RegExp(`^${id} +(30m|29m \\d+s) .* of a test$`, 'm'))
      expect(listed.stdout).not.toContain(secret)
      expectCode(await kubestrap('token', 'delete', '-i', lab, id), 0)
      expect((await kubestrap('token', 'list', '-i', lab)).stdout).toBe('No tokens.\n')
      expectCode(await kubestrap('token', 'delete', '-i', lab, id), 6)

      const ran = await kubestrap(
        'exec',
        '-i',
        lab,
        '-l',
        'worker',
        '--',
        `hostname; [ "$(hostname)" = ${w1} ]`,
      )
      expect(ran.stdout).toContain(`── ${w1}: ok\n${w1}\n`)
      expect(ran.stdout).toContain(`── ${w2}: exit 1\n${w2}\n`)
      expectCode(ran, 6)

      const file = join(scratch, 'kubeconfig')
      writeFileSync(file, 'clusters: []\ncontexts: []\nusers: []\ncurrent-context: other\nextra: kept\n')
      const merge = ['kubeconfig', '-i', lab, '--merge', '--name', 'lab', '--kubeconfig', file]
      expectCode(await kubestrap(...merge), 0)
      expectCode(await kubestrap(...merge), 0)
      const kubectl = join(homedir(), '.cache/kubestrap/binaries/v1.20.2/kubectl')
      const contexts = await run(kubectl, ['--kubeconfig', file, 'config', 'get-contexts', '--no-headers'])
      expect(contexts.stdout.trim().split(/ +/)).toEqual(['*', 'lab', 'lab', 'lab-admin'])
      expect(readFileSync(file, 'utf8')).toContain('extra: kept')
    })

    test('takes one edited value to exactly its file and exactly its unit', async () => {
      const edited = inventory('edited', (text) =>
        text.replace(
          `${machines[w1]}, roles: [worker]`,
          `${machines[w1]}, roles: [worker], kubelet: { extraArgs: { v: "1" } }`,
        ),
      )
      const first = await snapshot()
      const plan = await kubestrap('plan', '-i', edited, '--detailed-exitcode')
      expectCode(plan, 10)
      expect(plan.stdout.match(/^~ .*/gm)).toEqual([
        `~ ${w1}: change /var/lib/kubelet/kubeadm-flags.env (restarts kubelet.service)`,
      ])
      const changed = await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')
      expectCode(changed, 0)
      const second = await snapshot()
      for (const name of names) {
        const [a, b] = [first.machines[name], second.machines[name]]
        expect(differing(a?.files ?? {}, b?.files ?? {}), name).toEqual(
          name === w1 ? ['/var/lib/kubelet/kubeadm-flags.env'] : [],
        )
        expect(differing(a?.units ?? {}, b?.units ?? {}), name).toEqual(name === w1 ? ['kubelet'] : [])
        expect(differing(a?.containers ?? {}, b?.containers ?? {}), name).toEqual([])
      }
      expectCode(await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify'), 0)
    })

    test('a label, a taint, a flag and a name taken out of the inventory again go away', async () => {
      const added = inventory('added', (text) =>
        text
          .replace(
            `${machines[w1]}, roles: [worker]`,
            `${machines[w1]}, roles: [worker], labels: { rack: r1 }, taints: ["gpu=yes:PreferNoSchedule"]`,
          )
          .replace(
            'runtime: docker',
            'runtime: docker\napiServer: { certSANs: [api.example.org], extraArgs: { event-ttl: 2h } }',
          ),
      )
      const traces = async (): Promise<string> => {
        const node = `kubectl get node ${w1} -o jsonpath="{.metadata.labels.rack} {.spec.taints[*].key}"`
        const flags = 'grep -c event-ttl=2h /etc/kubernetes/manifests/kube-apiserver.yaml || :'
        const config = 'kubectl -n kube-system get cm kubeadm-config -o yaml | grep -c -e 2h -e example || :'
        return (await on(cp1, `${node}; echo; ${flags}; ${config}`)).trim().replace(/\s+/g, ' ')
      }
      const sans = async (): Promise<string> => {
        const pem = await on(cp1, 'cat /etc/kubernetes/pki/apiserver.crt')
        return new X509Certificate(pem).subjectAltName ?? ''
      }
      expectCode(await kubestrap('up', '--yes', '-i', added, '-o', 'plain', '--no-verify'), 0)
      expect(await traces()).toBe('r1 gpu 1 2')
      expect(await sans()).toContain('api.example.org')
      const plan = await kubestrap('plan', '-i', lab)
      expect(plan.stdout).toContain('label rack: removed from the inventory')
      expect(plan.stdout).toContain('recreates Pod kube-apiserver')
      expect(plan.stdout).not.toMatch(/PRIVATE KEY|client-key-data: [A-Za-z0-9]/)
      expectCode(await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify'), 0)
      expect(await traces()).toBe('0 0')
      expect(await sans()).not.toContain('api.example.org')
      expect((await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')).stdout).toContain(
        'Nothing to change',
      )
    })

    test('a changed setting of kube-proxy recreates its pods, and only them', async () => {
      const edited = inventory('proxy', (text) =>
        text.replace('    conntrack:', '    iptables: { syncPeriod: 40s }\n    conntrack:'),
      )
      await untilAtRest()
      const first = await snapshot()
      const plan = await kubestrap('plan', '-i', edited)
      expect(plan.stdout).toContain('(recreates the Pods of DaemonSet kube-proxy)')
      expectCode(await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify'), 0)
      await on(cp1, 'kubectl -n kube-system rollout status daemonset kube-proxy --timeout=120s')
      const second = await snapshot()
      for (const name of names) {
        const [a, b] = [first.machines[name], second.machines[name]]
        expect(differing(a?.files ?? {}, b?.files ?? {}), name).toEqual([])
        const containers = differing(a?.containers ?? {}, b?.containers ?? {})
        expect(containers.length, name).toBeGreaterThan(0)
        for (const container of containers) expect(container).toContain('kube-proxy')
      }
      expect((await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')).stdout).toContain(
        'Nothing to change',
      )
      expectCode(await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify'), 0)
      await on(cp1, 'kubectl -n kube-system rollout status daemonset kube-proxy --timeout=120s')
      await untilAtRest()
    })

    test('names a node that the inventory no longer has, and leaves it alone', async () => {
      const without = inventory('without', (text) => text.replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''))
      const first = await snapshot()
      const plan = await kubestrap('plan', '-i', without)
      expect(plan.stdout).toContain(`node ${w2} (${machines[w2]}) is in the cluster but not in the inventory`)
      const ran = await kubestrap('up', '--yes', '-i', without, '-o', 'plain', '--no-verify')
      expectCode(ran, 0)
      const second = await snapshot()
      expect(differing(first.machines[w2]?.files ?? {}, second.machines[w2]?.files ?? {})).toEqual([])
      expect(second.objects[`v1 Node//${w2}`]).toBe(first.objects[`v1 Node//${w2}`])
    })

    describe('refuses, and touches nothing', () => {
      const refused = async (file: string, code: number, ...words: string[]): Promise<void> => {
        const first = await filesOnly()
        const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
        for (const word of words) expect(ran.stderr).toContain(word)
        expectCode(ran, code)
        expect(await filesOnly()).toEqual(first)
      }
      const filesOnly = async () =>
        Promise.all(
          names.map((name: MachineName) =>
            on(
              name,
              "find /etc /usr/bin/kubelet /var/lib/kubelet/config.yaml -printf '%p %C@\\n' | sort | cksum",
            ),
          ),
        )

      test('a key the hosts do not know', async () => {
        await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(scratch, 'other')])
        await refused(
          inventory('wrong-key', (text) => text.replace(/key: .*/, `key: ${join(scratch, 'other')}`)),
          5,
          'rejects the login of root',
          'authorized_keys',
        )
      })

      test('a host key that has changed, with both fingerprints', async () => {
        const known = readFileSync(join(directory, 'lab/ssh/known_hosts'), 'utf8').split('\n')
        const swapped = known.map((line) =>
          line.startsWith(`${machines[w1]} `)
            ? `${machines[w1]} ${known[0]?.split(' ').slice(1).join(' ')}`
            : line,
        )
        const file = join(scratch, 'known_hosts')
        writeFileSync(file, swapped.join('\n'))
        await refused(
          inventory('changed-host-key', (text) => text.replace(/knownHosts: .*/, `knownHosts: ${file}`)),
          5,
          'the host key of ',
          'has changed',
          `${file}:`,
          'SHA256:',
        )
      })

      test('a closed port', async () => {
        await refused(
          inventory('closed-port', (text) => text.replace('  user: root', '  user: root\n  port: 2')),
          5,
          ':2 refuses connections',
        )
      })

      test('a bundle with one flipped byte', async () => {
        const bundle = join(scratch, 'bundle')
        mkdirSync(bundle)
        cpSync(join(homedir(), '.cache/kubestrap/bundle/v1.20.2'), bundle, { recursive: true })
        const file = join(bundle, 'bin/kubectl.gz')
        const bytes = readFileSync(file)
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
        copyFileSync(file, `${file}.was`)
        writeFileSync(file, bytes)
        await refused(
          inventory('flipped', (text) => text.replace(/bundle: .*/, `bundle: ${bundle}`)),
          4,
          'bin/kubectl.gz: SHA-256',
        )
      })

      test('an inventory with mistakes, naming the place of each', async () => {
        const file = inventory('mistakes', (text) =>
          text.replace('"1.20.2"', '1.20').replace('runtime: docker', 'runtime: dockr'),
        )
        await refused(
          file,
          3,
          `${file}:5:12: kubernetes.version is the number 1.20, not a string`,
          'did you mean docker?',
        )
      })
    })

    test('refuses what cannot converge, by field and place, and changes nothing', async () => {
      const file = inventory('other-subnet', (text) =>
        text.replace('runtime: docker', 'networking: { podSubnet: 10.45.0.0/16 }\nruntime: docker'),
      )
      const first = await snapshot()
      const ran = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
      expect(ran.stderr).toContain(`${file}:8:`)
      expect(ran.stderr).toContain('networking.podSubnet is 10.244.0.0/16 in the cluster, 10.45.0.0/16 here')
      expectCode(ran, 3)
      expectSame(first, await snapshot())
    })

    test('comes back whole after all machines lose power', async () => {
      await Promise.all(names.map((name) => kubestrap('lab', 'kill', '-i', lab, name)))
      expectCode(await kubestrap('lab', 'up', '-i', lab), 0)
      const again = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')
      expect(again.stdout).toContain('Nothing to change')
      expectCode(again, 0)
      const verified = await kubestrap('verify', '-i', lab)
      expect(verified.stdout).toContain('The cluster works')
      expect((await kubestrap('up', '--yes', '-i', lab, '-o', 'plain')).stdout).toContain('Nothing to change')
      expect(settled.objects['v1 Namespace//kube-system']?.split(' ')[0]).toBe(
        (await snapshot()).objects['v1 Namespace//kube-system']?.split(' ')[0],
      )
    })

    test('leaves nothing behind when it is taken down', async () => {
      expectCode(await kubestrap('lab', 'down', '-i', lab), 0)
      expect(await traces(own)).toEqual(before)
    })

    function expectSame(first: Snapshot, second: Snapshot): void {
      for (const name of names) {
        const [a, b] = [first.machines[name], second.machines[name]]
        expect(Object.keys(a?.files ?? {}).length, name).toBeGreaterThan(100)
        expect(differing(a?.files ?? {}, b?.files ?? {}), name).toEqual([])
        expect(differing(a?.units ?? {}, b?.units ?? {}), name).toEqual([])
        expect(differing(a?.containers ?? {}, b?.containers ?? {}), name).toEqual([])
      }
      expect(Object.keys(first.objects).length).toBeGreaterThan(100)
      expect(differing(first.objects, second.objects)).toEqual([])
    }

    /** Until two looks in a row see the same objects and none that is being deleted. */
    async function untilAtRest(): Promise<void> {
      let last = await snapshot()
      for (let i = 0; i < 40; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 2_000))
        const next = await snapshot()
        if (next.leaving.length === 0 && differing(last.objects, next.objects).length === 0) return
        last = next
      }
      throw new Error('the cluster does not come to rest')
    }
  },
)
