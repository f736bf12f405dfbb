import { describe, expect, it } from 'vitest'
import { nodeRuns, runningPrograms } from '../../../src/upgrade/node-runs.js'
import { runsOfNode } from '../../../src/upgrade/read-seen.js'

describe('What a machine runs', () => {
  it('is what was read of it, without what is not there', () => {
    const read = nodeRuns('w1', {
      kubelet: { version: '1.36.3' },
      apiServer: 'none',
      controllerManager: 'none',
      scheduler: 'none',
    })
    expect(read).toEqual({ runs: { host: 'w1', kubelet: '1.36.3' }, unknown: [] })
    expect(runningPrograms([read.runs])).toEqual([{ program: 'kubelet', host: 'w1', version: '1.36.3' }])
  })

  it('is unknown where it could not be read, or is no version', () => {
    const { unknown } = nodeRuns('cp1', {
      kubelet: { unknown: 'no answer' },
      apiServer: { version: 'latest' },
      controllerManager: { version: '1.36.3' },
      scheduler: { version: '1.36.3' },
    })
    expect(unknown).toEqual([
      { host: 'cp1', program: 'kube-apiserver', why: 'latest is not a version' },
      { host: 'cp1', program: 'kubelet', why: 'no answer' },
    ])
  })
})

describe('What the API says of a node that is not reached', () => {
  const node = (kubeletVersion: string) => ({
    metadata: { name: 'cp2' },
    status: { nodeInfo: { kubeletVersion } },
  })
  const pod = (component: string, nodeName: string, image: string) => ({
    metadata: { labels: { component } },
    spec: { nodeName, containers: [{ image }] },
  })

  it('is its kubelet, and the images of its static Pods', () => {
    const pods = [
      pod('kube-apiserver', 'cp1', 'registry.k8s.io/kube-apiserver:v1.36.3'),
      pod('kube-apiserver', 'cp2', 'registry.example.com:5000/kube-apiserver:v1.35.6'),
    ]
    expect(runsOfNode(node('v1.35.6'), pods)).toEqual({
      host: 'cp2',
      kubelet: '1.35.6',
      apiServer: '1.35.6',
      away: true,
    })
  })

  it('may be nothing', () => {
    expect(runsOfNode(node(''), [])).toEqual({
      host: 'cp2',
      program: 'kubelet',
      why: 'the API does not show its version',
    })
  })
})
