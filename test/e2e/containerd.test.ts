import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flannelObjects } from '../../src/networks/flannel/objects.js'
import { cp1, inventory, kubestrap, on, w1, w2, whyNot } from '../support/e2e-lab.js'

const reason = whyNot()

describe.skipIf(reason !== undefined)(`on containerd${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let lab = ''

  beforeAll(async () => {
    lab = inventory('containerd', (text) =>
      text.replace('runtime: docker', 'runtime: containerd').replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''),
    )
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
    expect((await kubestrap('verify', '-i', lab)).code).toBe(0)
  })

  test('a second up changes nothing', async () => {
    const again = await kubestrap('up', '-i', lab, '-o', 'plain', '--no-verify')
    expect(again.stdout).toContain('Nothing to change')
  })

  test('a changed certificate restarts the static pod that reads it', async () => {
    const edited = inventory('containerd-edited', (text) =>
      text
        .replace('runtime: docker', 'runtime: containerd\napiServer: { certSANs: [api.example.org] }')
        .replace(new RegExp(`^ {2}${w2}:.*\n`, 'm'), ''),
    )
    const started = 'ps -o lstart= -p $(pgrep -x kube-apiserver)'
    const before = await on(cp1, started)
    expect((await kubestrap('up', '-i', edited, '-o', 'plain', '--no-verify')).code).toBe(0)
    expect(await on(cp1, started)).not.toBe(before)
  })

  test("a real API server takes flannel's objects; its pods cannot run here for want of images", async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: flannelObjects({ podSubnet: '10.244.0.0/16' }) }
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
    expect(gone.code).toBe(0)
    const left =
      'pgrep -c "containerd|kube" || :; iptables-save | grep -c -e KUBE -e CNI || :; ls /var/lib | grep -c kubestrap || :'
    expect(await on(cp1, left)).toBe('0\n0\n0\n')
  })
})
