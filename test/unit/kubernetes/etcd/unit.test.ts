import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dataDirInUnit, etcdUnitText, foundingInUnit } from '../../../../src/kubernetes/etcd/unit.js'
import { clusterSpec } from '../../../support/spec.js'

const fixture = new URL('fixtures/kubestrap-etcd.service', import.meta.url)
const spec = clusterSpec()
const host = { name: 'e1', address: '10.88.0.31' }
const text = (extraArgs: Record<string, string> = {}, founding = {}): string =>
  etcdUnitText({ etcd: { ...spec.etcd, extraArgs } }, host, '/usr/bin/etcd', founding)

describe('the unit of an etcd host', () => {
  test('has the flags of kubeadm’s manifest', () => {
    expect(text({}, { initialCluster: 'e1=https://10.88.0.31:2380,e2=https://10.88.0.32:2380' })).toBe(
      readFileSync(fixture, 'utf8'),
    )
  })

  test('takes flags of the inventory, quoted as systemd reads them', () => {
    expect(text({ 'log-outputs': 'a b"c\\d', 'heartbeat-interval': '150', x: '5%$HOME' })).toMatch(
      /\n {2}--heartbeat-interval=150 \\\n[\s\S]*\n {2}"--log-outputs=a b\\"c\\\\d" \\\n[\s\S]*\n {2}--x=5%%\$\$HOME\n/,
    )
  })

  test('tells on disk what its member was told', () => {
    const joined = {
      initialCluster: 'a=https://1:2380,b=https://2:2380',
      initialClusterState: 'existing',
    } as const
    expect(foundingInUnit(text({}, joined))).toEqual(joined)
    expect(foundingInUnit(text({}, { initialCluster: 'a=https://1:2380' }))).toEqual({
      initialCluster: 'a=https://1:2380',
    })
    expect(foundingInUnit('[Service]\nExecStart=/bin/true\n')).toBeUndefined()
    expect(dataDirInUnit(text())).toBe('/var/lib/etcd')
  })
})
