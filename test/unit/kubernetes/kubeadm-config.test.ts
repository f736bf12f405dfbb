import { describe, expect, it } from 'vitest'
import { clusterConfiguration, kubeadmConfig } from '../../../src/kubernetes/config/kubeadm-config.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const extraArgs = { v: '2', 'audit-log-path': '-' }
const spec = clusterSpec({
  apiServer: { bindPort: 6443, certSANs: [], extraArgs, extraVolumes: [] },
  dns: { enabled: false, imageTag: undefined },
  hosts: [
    hostSpec(),
    hostSpec({ name: 'cp2', address: '10.88.0.16' }),
    hostSpec({ name: 'w1', roles: ['worker'] }),
  ],
})

describe("kubeadm's own configuration in the cluster", () => {
  it('has extra flags in the form of its API version', () => {
    expect(clusterConfiguration(spec, releaseFor('1.20.2')).apiServer).toMatchObject({
      extraArgs: { ...extraArgs, 'authorization-mode': 'Node,RBAC' },
    })
    expect(clusterConfiguration(spec, releaseFor('1.36.2')).apiServer).toEqual({
      extraArgs: [
        { name: 'audit-log-path', value: '-' },
        { name: 'v', value: '2' },
      ],
    })
  })

  it('has extra volumes as kubeadm has them, without where their files come from', () => {
    const { scheduler } = clusterConfiguration(
      clusterSpec({
        scheduler: {
          extraArgs: {},
          extraVolumes: [
            {
              name: 'config',
              hostPath: '/etc/kubernetes/scheduler/config.yaml',
              mountPath: '/config.yaml',
              readOnly: true,
              pathType: 'File',
              source: '/home/ops/config.yaml',
            },
            {
              name: 'x',
              hostPath: '/srv/x',
              mountPath: '/srv/x',
              readOnly: false,
              pathType: '',
              source: undefined,
            },
          ],
        },
      }),
      releaseFor('1.36.2'),
    )
    expect(scheduler).toEqual({
      extraVolumes: [
        {
          name: 'config',
          hostPath: '/etc/kubernetes/scheduler/config.yaml',
          mountPath: '/config.yaml',
          readOnly: true,
          pathType: 'File',
        },
        { name: 'x', hostPath: '/srv/x', mountPath: '/srv/x' },
      ],
    })
  })

  it('says that there is no DNS only where kubeadm can be told', () => {
    expect(clusterConfiguration(spec, releaseFor('1.20.2')).dns).toEqual({ type: 'CoreDNS' })
    expect(clusterConfiguration(spec, releaseFor('1.36.2')).dns).toEqual({ disabled: true })
  })

  it('lists every control plane, and no worker, where kubeadm wants ClusterStatus', () => {
    const { data } = kubeadmConfig(spec, releaseFor('1.20.2'))
    expect(data).toMatchObject({
      ClusterStatus: [
        'apiEndpoints:',
        '  cp1:',
        '    advertiseAddress: 10.88.0.15',
        '    bindPort: 6443',
        '  cp2:',
        '    advertiseAddress: 10.88.0.16',
        '    bindPort: 6443',
        'apiVersion: kubeadm.k8s.io/v1beta2',
        'kind: ClusterStatus',
        '',
      ].join('\n'),
    })
    expect(kubeadmConfig(spec, releaseFor('1.36.2')).data).not.toHaveProperty('ClusterStatus')
  })
})
