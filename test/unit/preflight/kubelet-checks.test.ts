import { describe, expect, test } from 'vitest'
import { NoAnswer } from '../../../src/lib/errors.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { kubeletChecks } from '../../../src/preflight/kubelet-checks.js'
import {
  type KubeletFlag,
  kubeletFlagsIn,
  kubeletFlagsScript,
  lookForKubeletFlags,
} from '../../../src/preflight/kubelet-flags.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const defaults = '/etc/default/kubelet'
const dropIns = '/etc/systemd/system/kubelet.service.d'

/** "NAME=VALUE (FILE)" of the flags in a host's files. */
async function flagsIn(files: Record<string, string>): Promise<string[]> {
  const host = shimmedHost('w1', {}, files)
  try {
    const found = await lookForKubeletFlags([{ ...machine({ name: 'w1' }), host }])
    const flags = found.get('w1')
    if (!flags || flags === 'unknown') throw new Error('no answer')
    return flags.map(({ name, value, from }) => `${name}=${value} (${from})`)
  } finally {
    host.remove()
  }
}

describe('flags that the kubelet is given by others', () => {
  test.each([
    ['plain', 'KUBELET_EXTRA_ARGS=--node-ip=10.0.0.9 --v 4\n', ['node-ip=10.0.0.9', 'v=4']],
    [
      'quoted',
      'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.9 --fail_swap_on"\n',
      ['node-ip=10.0.0.9', 'fail-swap-on=true'],
    ],
    ['a comment, and another variable', '# KUBELET_EXTRA_ARGS=--a=b\nOTHER=--c=d\n', []],
    ['nothing', 'KUBELET_EXTRA_ARGS=\n', []],
  ])('are read from the environment file: %s', async (_, text, expected) => {
    expect(await flagsIn({ [defaults]: text })).toEqual(expected.map((flag) => `${flag} (${defaults})`))
  })

  test("and from drop-ins, with the files that they name; not from kubestrap's own, nor from one that is not there", async () => {
    const found = await flagsIn({
      [`${dropIns}/10-kubeadm.conf`]: '[Service]\nEnvironment="KUBELET_CONFIG_ARGS=--config=/x"\n',
      [`${dropIns}/20-own.conf`]:
        '[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--max-pods=5" A=b\nEnvironmentFile=-/etc/sysconfig/kubelet\nEnvironmentFile=/etc/gone\n',
      '/etc/sysconfig/kubelet': 'KUBELET_EXTRA_ARGS=--root-dir=/data\n',
      '/usr/lib/systemd/system/kubelet.service.d/30-all.conf':
        '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBEADM_ARGS --cgroup-driver cgroupfs\nEnvironment=KUBELET_KUBEADM_ARGS=\n',
    })
    expect(found.toSorted()).toEqual([
      'KUBELET_KUBEADM_ARGS= (/usr/lib/systemd/system/kubelet.service.d/30-all.conf)',
      'cgroup-driver=cgroupfs (/usr/lib/systemd/system/kubelet.service.d/30-all.conf)',
      `max-pods=5 (${dropIns}/20-own.conf)`,
      'root-dir=/data (/etc/sysconfig/kubelet)',
    ])
    // what no drop-in names is read by nobody
    expect(await flagsIn({ '/etc/sysconfig/kubelet': 'KUBELET_EXTRA_ARGS=--root-dir=/data\n' })).toEqual([])
  })

  test('are not known of a host that does not tell', async () => {
    expect(kubeletFlagsIn('@file /etc/default/kubelet\n KUBELET_EXTRA_ARGS=--a=b\n')).toBeUndefined()
    const failing = fakeHost('w1', { answer: () => ({ code: 1, stdout: Buffer.from('@end\n') }) })
    const silent = fakeHost('w2')
    silent.read = () => Promise.reject(new NoAnswer('no answer within 10 s', { host: 'w2' }))
    const asked = [failing, silent].map((host) => ({ ...machine({ name: host.name }), host }))
    expect([...(await lookForKubeletFlags(asked))]).toEqual([
      ['w1', 'unknown'],
      ['w2', 'unknown'],
    ])
    const unreadable = shimmedHost('w1', { sed: 'exit 4' }, { [defaults]: 'x' })
    expect((await unreadable.read({ script: kubeletFlagsScript, args: [defaults] })).code).toBe(1)
    unreadable.remove()
  })
})

describe('the preflight check KubeletExtraArgs', () => {
  const [check] = kubeletChecks
  /** What is found of a new node with these flags. */
  const found = (flags: readonly KubeletFlag[] | 'unknown', kubernetes = false) => {
    const own = machine({}, { kubernetes })
    return check?.run(contextOf([own]), { ...notCloser, kubelets: new Map([['cp1', flags]]) })
  }
  const flag = (name: string, value: string): KubeletFlag => ({ name, value, from: defaults })

  test.each([
    ['the address', 'node-ip', '10.0.0.9', '10.88.0.15'],
    ['the name of the node', 'hostname-override', 'other', 'cp1'],
    ['the directory', 'root-dir', '/data', '/var/lib/kubelet'],
    ['a field of config.yaml', 'cluster-dns', '10.0.0.10', '10.96.0.10'],
    ['a field with a flag of another name', 'pod-manifest-path', '/x', '/etc/kubernetes/manifests'],
    ['a field of a field', 'client-ca-file', '/x', '/etc/kubernetes/pki/ca.crt'],
    ['the configuration itself', 'config', '/x', '/var/lib/kubelet/config.yaml'],
  ])('names a flag that overrides %s, and its file', (_, name, value, ours) => {
    expect(found([flag(name, value), flag('v', '4')])).toMatchObject([
      {
        host: 'cp1',
        severity: 'error',
        what: expect.stringContaining(`${defaults} has --${name}=${value}, kubestrap sets ${ours}`),
      },
    ])
  })

  test('names a file that sets anew what kubestrap sets', () => {
    expect(found([flag('KUBELET_KUBEADM_ARGS', '')])?.[0]?.what).toContain(
      `${defaults} sets KUBELET_KUBEADM_ARGS`,
    )
  })

  test("finds nothing in flags of the administrator's own, and in those that say the same", () => {
    expect(found([flag('v', '4'), flag('node-ip', '10.88.0.15'), flag('hostname-override', 'cp1')])).toEqual(
      [],
    )
    expect(found([])).toEqual([])
    expect(check?.run(contextOf([machine()]), notCloser)).toEqual([])
  })

  test('warns of a node that runs so already, and of one that does not tell', () => {
    expect(found([flag('node-ip', '10.0.0.9')], true)?.[0]?.severity).toBe('warning')
    expect(found('unknown')).toMatchObject([
      { severity: 'warning', what: expect.stringContaining('could not check') },
    ])
  })
})
