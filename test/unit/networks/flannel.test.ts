import { describe, expect, test } from 'vitest'
import { textAt } from '../../../src/kubernetes/read.js'
import { flannelObjects } from '../../../src/networks/flannel/objects.js'

const flannel = { backend: 'vxlan' } as const

const netConf = (podSubnet: string): unknown =>
  JSON.parse(
    textAt(
      flannelObjects({ podSubnet, flannel }).find(({ kind }) => kind === 'ConfigMap'),
      'data',
      'net-conf.json',
    ),
  )

describe('flannel', () => {
  test('is told the pod subnet, of either family', () => {
    expect(netConf('10.244.0.0/16')).toEqual({
      Network: '10.244.0.0/16',
      EnableNFTables: false,
      Backend: { Type: 'vxlan' },
    })
    expect(netConf('fd00:1::/48')).toEqual({
      EnableIPv4: false,
      EnableIPv6: true,
      IPv6Network: 'fd00:1::/48',
      Backend: { Type: 'vxlan' },
    })
  })

  test('keeps everything in its namespace, and every mount has its volume', () => {
    const objects = flannelObjects({ podSubnet: '10.244.0.0/16', flannel })
    const namespaced = objects.filter(({ kind }) =>
      ['ServiceAccount', 'ConfigMap', 'DaemonSet'].includes(kind),
    )
    expect(namespaced.map(({ metadata }) => metadata.namespace)).toEqual(Array(3).fill('kube-flannel'))
    const spec = JSON.stringify(objects.find(({ kind }) => kind === 'DaemonSet'))
    const mounts = [...spec.matchAll(/"name":"([a-z-]+)","mountPath"/g)].map(([, name]) => name)
    const { volumes } = JSON.parse(spec).spec.template.spec
    const known = volumes.map(({ name }: { name: string }) => name)
    expect(mounts.length).toBeGreaterThan(4)
    expect([...new Set(mounts)].sort()).toEqual([...known].sort())
  })
})
