import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flannelObjects } from '../../src/networks/flannel/objects.js'
import { containerd } from '../../src/runtimes/containerd/containerd.js'
import { cp1, directory, gateway, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { type Registry, startRegistry } from '../support/registry.js'

const reason = whyNot()

/** Two machines on containerd, with a few more lines; the path of their inventory. */
const onContainerd = (name: string, more = ''): string =>
  inventory(
    name,
    (text) =>
      text
        .replace('runtime: docker', `runtime: containerd\n${more}`)
        .replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''),
    { bare: true },
  )

describe.skipIf(reason !== undefined)(`on containerd${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab = ''

  beforeAll(async () => {
    lab = onContainerd('containerd')
    await kubestrap('lab', 'down', '-i', inventory('lab'))
    const made = await kubestrap('lab', 'quickstart', '-i', lab, '-o', 'plain')
    if (made.code !== 0) throw new Error(`quickstart failed:\n${made.stdout}\n${made.stderr}`)
  })

  afterAll(async () => {
    await kubestrap('lab', 'down', '-i', lab)
  })

  test('a cluster comes up and verifies, by the CRI', async () => {
    const nodes = await on(cp1, 'kubectl get nodes -o wide --no-headers')
    for (const name of [cp1, w1])
      expect(nodes).toMatch(new RegExp(`^${name} +Ready .*containerd://1\\.`, 'm'))
    expect(await on(cp1, 'cat /var/lib/kubelet/kubeadm-flags.env')).toContain(
      '--container-runtime=remote --container-runtime-endpoint=/run/containerd/containerd.sock',
    )
    expectCode(await kubestrap('verify', '-i', lab), 0)
  })

  test('a second up changes nothing', async () => {
    const again = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')
    expect(again.stdout).toContain('Nothing to change')
  })

  test('a changed certificate restarts the static pod that reads it', async () => {
    const edited = onContainerd('containerd-edited', 'apiServer: { certSANs: [api.example.org] }')
    const started = 'ps -o lstart= -p $(pgrep -x kube-apiserver)'
    const before = await on(cp1, started)
    expectCode(await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify'), 0)
    expect(await on(cp1, started)).not.toBe(before)
  })

  describe('a registry with a mirror that wants a login, and whose certificate nobody knows', () => {
    let registry: Registry
    let edited = ''
    const asked = (name: string): string[] => registry.asked.filter((one) => one.includes(`/v2/${name}/`))
    const started = 'systemctl show -p ExecMainStartTimestampMonotonic --value containerd'

    beforeAll(async () => {
      registry = await startRegistry(join(directory, 'registry'), gateway, 'robot:correct horse')
      writeFileSync(join(directory, 'password'), 'correct horse\n')
      edited = onContainerd(
        'containerd-mirrors',
        `registries:
  registry.example: { mirrors: [${registry.url}], fallback: false }
  "${registry.url.slice('https://'.length)}":
    caFile: ${registry.caFile}
    auth: { username: robot, password: "file:${join(directory, 'password')}" }`,
      )
    })

    afterAll(() => registry.close())

    test('is taken up without a restart, and no plan or log shows the password', async () => {
      const before = await on(w1, started)
      const plan = await kubestrap('plan', '-i', edited, '-o', 'plain')
      const ran = await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')
      expectCode(ran, 0)
      expect(await on(w1, started)).toBe(before)
      const basic = Buffer.from('robot:correct horse').toString('base64')
      for (const text of [plan.stdout, ran.stdout]) {
        expect(text).toContain('hosts.toml')
        expect(text).not.toContain(basic)
      }
      expect(await on(w1, "stat -c '%a %U' /etc/containerd/certs.d/registry.example/hosts.toml")).toBe(
        '600 root\n',
      )
      expect((await kubestrap('up', '--yes', '-i', edited, '-o', 'plain', '--no-verify')).stdout).toContain(
        'Nothing to change',
      )
    })

    test('the kubelet pulls through the mirror', async () => {
      const pod = `--overrides='{"spec":{"nodeName":"${w1}"}}' --restart=Never`
      await on(cp1, `kubectl run mirrored --image=registry.example/by/kubelet:1 ${pod}`)
      const events =
        'kubectl get events --field-selector involvedObject.name=mirrored,reason=Pulled -o name | wc -l'
      await expect.poll(() => on(cp1, events), { timeout: 60_000, interval: 500 }).toBe('1\n')
      expect(asked('by/kubelet')).toContain('HEAD /v2/by/kubelet/manifests/1?ns=registry.example')
      await on(cp1, 'kubectl delete pod mirrored --now --wait=false')
    })

    test('so does the command by which kubestrap pulls what the bundle lacks', async () => {
      await on(w1, `set -- registry.example/by/us:1; ${containerd.pullScript}`)
      expect(asked('by/us')).toContain('HEAD /v2/by/us/manifests/1?ns=registry.example')
    })

    test('what leaves the inventory leaves the machines', async () => {
      const ran = await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify')
      expect(ran.stdout).toContain('remove /etc/containerd/certs.d/registry.example/hosts.toml')
      expect(await on(w1, 'ls -A /etc/containerd/certs.d')).toBe('')
      expect(registry.turnedAway()).toBe(0)
    })
  })

  test('a flag that the scheduler does not know is told as the cause', async () => {
    const broken = onContainerd('containerd-flag', 'scheduler: { extraArgs: { no-such-flag: "1" } }')
    const ran = await kubestrap('up', '--yes', '-i', broken, '-o', 'plain', '--no-verify')
    expectCode(ran, 6)
    expect(ran.stderr).toContain('kube-scheduler exits after each start')
    expect(ran.stderr).toContain('likely cause (KS0405): --no-such-flag is no flag of this version')
    expect(ran.stderr).toContain('unknown flag: --no-such-flag')
    expectCode(await kubestrap('up', '--yes', '-i', lab, '-o', 'plain', '--no-verify'), 0)
  })

  test("a real API server takes flannel's objects; its pods cannot run here for want of images", async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: flannelObjects({ flannel: { backend: 'vxlan' }, podSubnet: '10.244.0.0/16' }),
    }
    const file = '/tmp/flannel.json'
    await on(
      cp1,
      `cat >${file} <<'EOF'\n${JSON.stringify(list)}\nEOF\nkubectl apply -f ${file} && rm ${file}`,
    )
    const pods = 'kubectl -n kube-flannel get pods --no-headers -o custom-columns=NODE:.spec.nodeName | sort'
    // the controller manager may still have to win its lease again: the API server was restarted just now
    await expect.poll(() => on(cp1, pods), { timeout: 120_000, interval: 500 }).toBe(`${cp1}\n${w1}\n`)
    await on(cp1, 'kubectl delete namespace kube-flannel --wait=false')
  })

  test('reset, with packages and images, leaves nothing of it running', async () => {
    const gone = await kubestrap('reset', '-i', lab, '--yes', '--packages', '--images', '-o', 'plain')
    expectCode(gone, 0)
    const left =
      'pgrep -c "containerd|kube" || :; iptables-save | grep -c -e KUBE -e CNI || :; ls /var/lib | grep -c kubestrap || :'
    expect(await on(cp1, left)).toBe('0\n0\n0\n')
  })
})
