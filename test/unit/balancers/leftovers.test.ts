import { expect, test } from 'vitest'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { kubeVipMark } from '../../../src/balancers/kube-vip/kube-vip.js'
import { balancerLeftovers } from '../../../src/balancers/leftovers.js'
import type { Host, Mutation } from '../../../src/host/host.js'
import { unseen } from '../../support/apply-now.js'
import { machine, settings } from './support.js'

/** A host on which these files are; what was changed is noted. */
function hostWith(...files: string[]): { host: Host; changed: Mutation[] } {
  const changed: Mutation[] = []
  const host: Host = {
    ...machine('lb1').host,
    name: 'lb1',
    stat: async (path) => (files.includes(path) ? { kind: 'symlink', target: '' } : { kind: 'absent' }),
    mutate: async (command) => {
      changed.push(command)
      return { kind: 'exited', code: 0, stdout: Buffer.alloc(0), stderr: '' }
    },
  }
  return { host, changed }
}

const haproxyFiles = ['/etc/kubestrap/haproxy/haproxy.cfg', '/etc/systemd/system/kubestrap-haproxy.service']
const keepalivedUnitFile = '/etc/systemd/system/kubestrap-keepalived.service'

/** What would go from a machine with these files. */
async function going(virtualIp: string | undefined | 'nothing', ...files: string[]): Promise<string[]> {
  const one = machine('lb1')
  const wanted =
    virtualIp === 'nothing' ? [] : haproxy.steps(one, [one], settings({ virtualIp }), 'lb1/packages')
  const step = balancerLeftovers(hostWith(...files).host, wanted, [])
  return step.diff(await step.probe()).map(({ summary }) => summary)
}

test('what the inventory wants stays, what it wants no more goes, the virtual IP first', async () => {
  const all = [...haproxyFiles, keepalivedUnitFile]
  expect(await going('10.88.0.10', ...all)).toEqual([])
  expect(await going(undefined, ...all)).toEqual(['stop and remove kubestrap-keepalived.service'])
  expect(await going('nothing', ...all)).toEqual([
    'stop and remove kubestrap-keepalived.service',
    'stop and remove kubestrap-haproxy.service',
  ])
  expect(await going('nothing')).toEqual([])
})

test('a manifest of kube-vip goes where it is ours; that of its own generator stays', async () => {
  const manifest = '/etc/kubernetes/manifests/kube-vip.yaml'
  const goingFrom = async (content: string): Promise<string[]> => {
    const { host, changed } = hostWith()
    const stat: Host['stat'] = async (path) =>
      path === manifest
        ? {
            kind: 'file',
            mode: '0600',
            owner: 'root:root',
            size: 1,
            sha256: '',
            content: Buffer.from(content),
          }
        : { kind: 'absent' }
    const step = balancerLeftovers({ ...host, stat }, [], [])
    await step.apply(step.diff(await step.probe()), unseen)
    return changed.flatMap(({ args = [] }) => args)
  }
  expect(await goingFrom(`${kubeVipMark}\napiVersion: v1\n`)).toEqual([manifest])
  expect(await goingFrom('apiVersion: v1\n')).toEqual([])
})

test('half of one, left by a run that was cut, goes too, its unit’s file last', async () => {
  const { host, changed } = hostWith(haproxyFiles[1] ?? '')
  const step = balancerLeftovers(host, [], [])
  const changes = step.diff(await step.probe())
  await step.apply(changes, unseen)
  expect(changed.map(({ args }) => args)).toEqual([['kubestrap-haproxy.service', ...haproxyFiles]])
  expect(step.disrupts?.(changes)).toBe('balancer')
})
