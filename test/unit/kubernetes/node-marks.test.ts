import { describe, expect, it } from 'vitest'
import { nodeMarks } from '../../../src/kubernetes/config/node-marks.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const spec = clusterSpec()
const old = releaseFor('1.20.2')
const recent = releaseFor('1.36.2')

describe('Marks of a node', () => {
  it('a control plane that is a worker too has the labels and no taint', () => {
    const marks = nodeMarks(spec, hostSpec({ roles: ['control-plane', 'worker'] }), recent)
    expect(marks.taints).toEqual([])
    expect(Object.keys(marks.labels)).toContain('node-role.kubernetes.io/control-plane')
  })

  it('a worker has what the inventory says and nothing else', () => {
    const host = hostSpec({
      roles: ['worker'],
      labels: { disk: 'ssd' },
      taints: [{ key: 'gpu', value: '', effect: 'NoExecute' }],
    })
    expect(nodeMarks(spec, host, old)).toMatchObject({
      labels: { disk: 'ssd' },
      taints: [{ key: 'gpu', effect: 'NoExecute' }],
      annotations: {},
    })
  })

  it.each(['', 'true'])(
    'a control plane whose own taint the inventory names (value %j) has it once',
    (value) => {
      const [key = ''] = recent.node.taints
      const host = hostSpec({ roles: ['control-plane'], taints: [{ key, value, effect: 'NoSchedule' }] })
      const marks = nodeMarks(spec, host, recent)
      expect(marks.taints).toEqual([{ key, ...(value ? { value } : {}), effect: 'NoSchedule' }])
      // kubeadm's taint stays when the inventory no longer names it
      expect(marks.own.taints).toEqual([])
    },
  )

  it('the CRI socket is told where kubeadm of the release looks for it', () => {
    const criSocket = '/var/run/dockershim.sock'
    expect(nodeMarks(spec, hostSpec(), old, { criSocket }).annotations).toEqual({
      'kubeadm.alpha.kubernetes.io/cri-socket': criSocket,
    })
    expect(nodeMarks(spec, hostSpec(), recent, { criSocket }).annotations).toEqual({})
  })
})
