import { describe, expect, it } from 'vitest'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { type StaticPodFacts, staticPods } from '../../../src/kubernetes/manifests/static-pods.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const release = releaseFor('1.20.2')

function manifest(
  name: string,
  spec: ClusterSpec,
  facts: Partial<StaticPodFacts> = {},
  host = hostSpec(),
): string {
  return renderYaml(staticPods(spec, host, release, { caDirectories: [], ...facts }).get(name))
}

describe('Static Pods', () => {
  it("the inventory's flags win and new ones are sorted in", () => {
    const spec = clusterSpec({
      apiServer: {
        bindPort: 6443,
        certSANs: [],
        extraVolumes: [],
        extraArgs: { 'audit-log-path': '-', 'allow-privileged': 'false' },
      },
    })
    expect(manifest('kube-apiserver', spec)).toContain(
      '- --allow-privileged=false\n    - --audit-log-path=-\n    - --authorization-mode=Node,RBAC\n',
    )
  })

  // as kubeadm 1.20.2 and 1.36.3 wrote it (init phase control-plane all) with these volumes
  it('volumes of the inventory stand among its own by name', () => {
    const volume = { mountPath: '/srv/x', readOnly: false, pathType: '', source: undefined } as const
    const spec = clusterSpec({
      apiServer: {
        ...clusterSpec().apiServer,
        extraVolumes: [
          {
            ...volume,
            name: 'zz-logs',
            hostPath: '/var/log/kubernetes',
            mountPath: '/logs',
            pathType: 'DirectoryOrCreate',
          },
          {
            ...volume,
            name: 'audit',
            hostPath: '/etc/audit.yaml',
            mountPath: '/etc/audit.yaml',
            readOnly: true,
            pathType: 'File',
          },
          { ...volume, name: 'plain', hostPath: '/srv/x' },
        ],
      },
      scheduler: {
        extraArgs: {},
        extraVolumes: [{ ...volume, name: 'config', hostPath: '/srv/s', mountPath: '/conf', readOnly: true }],
      },
    })
    const api = manifest('kube-apiserver', spec)
    expect(api).toContain(`    volumeMounts:
    - mountPath: /etc/audit.yaml
      name: audit
      readOnly: true
    - mountPath: /etc/ssl/certs
      name: ca-certs
      readOnly: true
    - mountPath: /etc/kubernetes/pki
      name: k8s-certs
      readOnly: true
    - mountPath: /srv/x
      name: plain
    - mountPath: /logs
      name: zz-logs
`)
    expect(api).toContain(`  volumes:
  - hostPath:
      path: /etc/audit.yaml
      type: File
    name: audit
  - hostPath:
      path: /etc/ssl/certs
      type: DirectoryOrCreate
    name: ca-certs
  - hostPath:
      path: /etc/kubernetes/pki
      type: DirectoryOrCreate
    name: k8s-certs
  - hostPath:
      path: /srv/x
      type: ""
    name: plain
  - hostPath:
      path: /var/log/kubernetes
      type: DirectoryOrCreate
    name: zz-logs
`)
    expect(manifest('kube-scheduler', spec)).toContain(`    volumeMounts:
    - mountPath: /conf
      name: config
      readOnly: true
    - mountPath: /etc/kubernetes/scheduler.conf
      name: kubeconfig
      readOnly: true
`)
    expect(manifest('kube-controller-manager', spec)).toBe(manifest('kube-controller-manager', clusterSpec()))
  })

  it('a joining etcd member is told the members there are', () => {
    const text = manifest('etcd', clusterSpec(), {
      initialCluster: 'cp1=https://10.88.0.15:2380,cp2=https://10.88.0.16:2380',
      initialClusterState: 'existing',
    })
    expect(text).toContain('- --initial-cluster=cp1=https://10.88.0.15:2380,cp2=https://10.88.0.16:2380\n')
    expect(text).toContain('- --initial-cluster-state=existing\n')
  })

  it('IPv6 hosts get brackets in URLs and none in probes', () => {
    const host = hostSpec({ address: 'fd00::15' })
    const etcd = manifest('etcd', clusterSpec(), {}, host)
    expect(etcd).toContain('- --listen-client-urls=https://[::1]:2379,https://[fd00::15]:2379\n')
    expect(etcd).toContain('host: ::1\n')
    expect(manifest('kube-apiserver', clusterSpec(), {}, host)).toContain(
      '--etcd-servers=https://[::1]:2379\n',
    )
  })

  it('probes follow where a component is told to listen', () => {
    const everywhere = clusterSpec({
      scheduler: { extraVolumes: [], extraArgs: { 'bind-address': '0.0.0.0' } },
    })
    expect(manifest('kube-scheduler', everywhere)).not.toContain('host:')
    const base = clusterSpec()
    const metrics = {
      ...base.etcd,
      extraArgs: { 'listen-metrics-urls': 'https://10.88.0.15:9100,http://x:1' },
    }
    expect(manifest('etcd', clusterSpec({ etcd: metrics }))).toContain(
      'host: 10.88.0.15\n        path: /health\n        port: 9100\n        scheme: HTTPS\n',
    )
  })

  it('only directories of the list kubeadm knows are mounted', () => {
    const text = manifest('kube-apiserver', clusterSpec(), { caDirectories: ['/etc/pki', '/home'] })
    expect(text).toContain('- mountPath: /etc/pki\n      name: etc-pki\n')
    expect(text).not.toContain('/home')
  })

  it("external etcd's files outside of the usual directories are mounted", () => {
    const external = {
      endpoints: ['https://10.0.0.1:2379'],
      caFile: '/etc/etcd/tls/ca.crt',
      certFile: '/etc/etcd/tls/client.crt',
      keyFile: '/etc/kubernetes/pki/client.key',
    }
    const spec = clusterSpec({ etcd: { ...clusterSpec().etcd, external } })
    expect(manifest('kube-apiserver', spec)).toContain(
      '- mountPath: /etc/etcd/tls\n      name: etcd-certs-0\n      readOnly: true\n',
    )
    expect(staticPods(spec, hostSpec(), release, { caDirectories: [] }).has('etcd')).toBe(false)
  })
})
