import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planeLines } from '../support/control-planes.js'
import { startLab, upChanged } from '../support/e2e-cluster.js'
import { cp1, cp2, cp3, inventory, kubestrap, machines, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { differingLines } from '../support/listing.js'

// What a worker that is added costs the other machines of a running 3+1; KUBESTRAP_PLANES=1 makes it a 1+1:
//   npx vitest run --project by-hand delta
// With KUBESTRAP_RELEASES (see releases.test.ts) also Kubernetes 1.36.3 on containerd with flannel.
const planes = process.env.KUBESTRAP_PLANES === '1' ? [cp1] : [cp1, cp2, cp3]
const others = [...planes, w1]
const bundle = join(process.env.KUBESTRAP_RELEASES ?? '/none', 'bundle-1.36.3')

/**
 * What must not change on a machine: times of everything that kubestrap or Kubernetes keeps there, when processes started, ids
 * of containers, routes. POSIX sh.
 */
const script = `
find /etc /opt/cni /usr/bin/kubelet /usr/bin/kubectl /usr/local/bin /usr/local/lib/kubestrap /var/lib/kubestrap /run/kubestrap \\
  /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env /var/lib/kubelet/pki /run/flannel \\
  -printf 'file %p %i %T@ %C@ %s\\n' 2>/dev/null | sort
for p in kubelet dockerd containerd kube-apiserver kube-controller kube-scheduler etcd kube-proxy flanneld coredns haproxy keepalived; do
  for i in $(pgrep -x "$p"); do echo "process $p $i $(sed 's/.*) //' "/proc/$i/stat" | cut -d' ' -f20)"; done
done
if command -v docker >/dev/null; then docker ps -q --no-trunc; else ctr -n k8s.io tasks ls -q; fi | sed 's/^/container /' | sort
ip route | sed 's/^/route /' | sort
`
const listings = () => Promise.all(others.map((machine) => on(machine, script)))

/** Lines of each machine that changed, without times; what a path or a process was and is now is one line. */
function changes(before: readonly string[], after: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    others.map((name, i) => [
      name,
      [
        ...new Set(
          differingLines(before[i] ?? '', after[i] ?? '').map((line) =>
            line.startsWith('- route') || line.startsWith('+ route')
              ? line
              : line.slice(2).split(' ').slice(0, 2).join(' '),
          ),
        ),
      ].sort(),
    ]),
  )
}

const reason = whyNot()

describe.skipIf(reason !== undefined).each([
  ['Docker and bridge', 'bridge', undefined],
  [
    'containerd and flannel',
    'flannel',
    existsSync(bundle) ? undefined : 'KUBESTRAP_RELEASES names no bundle-1.36.3',
  ],
])(`a worker is added: %s${reason ? ` (skipped: ${reason})` : ''}`, (_, network, missing) => {
  const more = planeLines(planes.slice(1))
  const edited = (text: string, last: string): string => {
    const hosts = text.replace(new RegExp(`^ {2}${w2}: .*\n`, 'm'), more + last)
    if (network === 'bridge') return hosts
    return hosts
      .replace('"1.20.2"', '"1.36.3"')
      .replace('runtime: docker\n', '')
      .replace('network: bridge', 'network: flannel')
      .replace(/^etcd:\n.*\n/m, 'kubelet: { config: { failCgroupV1: false } }\n')
      .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
      .replace(/bundle: .*/, `bundle: ${bundle}`)
  }
  const worker = `  ${w2}: { address: ${machines[w2]}, roles: [worker] }\n`
  let grown = ''

  beforeAll(async () => {
    if (missing) return
    const bare = network === 'flannel'
    // the same text but for a comment where there is one plane: the edit of `inventory` must change something
    grown = inventory(`delta-${network}`, (text) => `${edited(text, worker)}# grown\n`, { bare })
    const small = inventory(`delta-${network}-before`, (text) => edited(text, ''), { bare })
    await startLab(grown)
    await upChanged(small, '--no-verify')
    expect(await upChanged(small, '--no-verify')).toEqual([])
  })
  afterAll(() => (missing ? undefined : kubestrap('lab', 'down', '-i', grown)))

  test.skipIf(missing !== undefined)(
    'nothing restarts, and no file changes but those of its route',
    async () => {
      const before = await listings()
      const changed = await upChanged(grown, '--no-verify')
      const after = await listings()
      const elsewhere = changed.filter((key) => others.some((name) => key.startsWith(`${name}/`)))
      const seen = changes(before, after)
      process.stderr.write(`${network}: ${JSON.stringify({ elsewhere, seen }, undefined, 1)}\n`)
      expect(elsewhere.sort()).toEqual(
        network === 'bridge' ? others.map((name) => `${name}/routes`).sort() : [],
      )
      // the cluster's lock, in memory, on control planes
      const lock = ['file /run/kubestrap', 'file /run/kubestrap/run']
      for (const name of others) {
        const expected =
          network === 'bridge'
            ? [/^file \/etc\/kubestrap\/bridge\/routes/, /^\+ route /, /^file \/run\/kubestrap/]
            : []
        const left = (seen[name] ?? []).filter(
          (line) =>
            !expected.some((pattern) => pattern.test(line)) &&
            !(planes.includes(name) && lock.includes(line)),
        )
        // flannel makes its route itself, which is no file, once its Pod runs on the new node
        expect(left.filter((line) => network === 'bridge' || !line.startsWith('+ route '))).toEqual([])
        const routes = (seen[name] ?? []).filter((line) => line.startsWith('+ route '))
        if (network === 'bridge') expect(routes).toHaveLength(1)
      }
    },
  )
})
