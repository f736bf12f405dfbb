import { describe, expect, it } from 'vitest'
import { known } from '../../../src/catalog.js'
import { decodeInventory } from '../../../src/inventory/decode.js'
import { InventoryError } from '../../../src/inventory/problem.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'

const decode = (text: string): ClusterSpec =>
  decodeInventory(text, { file: '/etc/ks/i.yaml', label: 'i.yaml', home: '/home/ops', known })

const written = (more: string): string => `kubernetes: { version: "1.25.16" }
binaries: { bundle: ~/b }
${more}
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane] }
`

/** What is wrong with an inventory for another version. */
function problemsAt(version: string, more: string): string[] {
  try {
    decode(written(more)).atVersion(version)
    return []
  } catch (error) {
    if (error instanceof InventoryError) return error.problems.map(({ at, what }) => `${at}: ${what}`)
    throw error
  }
}

describe('An inventory for another version than it names', () => {
  it('is the same with that version', () => {
    const spec = decode(written('runtime: containerd')).atVersion('1.26.15')
    expect(spec).toMatchObject({ version: '1.26.15', minor: '1.26', runtime: 'containerd' })
    expect(spec.at('kubernetes.version')).toBe('i.yaml:1:15')
  })

  it('tells fields and values that the other minor does not know, with their places', () => {
    const proxy = 'kubeProxy: { config: { udpIdleTimeout: 1s, mode: userspace } }'
    expect(problemsAt('1.25.3', proxy)).toEqual([])
    expect(problemsAt('1.26.15', proxy)).toEqual([
      'i.yaml:3:24: KubeProxyConfiguration of Kubernetes 1.26 has no udpIdleTimeout',
      'i.yaml:3:50: mode of KubeProxyConfiguration of Kubernetes 1.26 cannot be "userspace"',
    ])
  })

  it('tells a minor that is not known', () => {
    expect(problemsAt('1.99.0', '')).toEqual(['i.yaml:1:24: Kubernetes 1.99 is not supported'])
  })
})
