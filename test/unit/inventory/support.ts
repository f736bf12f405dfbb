import { known as catalogued } from '../../../src/catalog.js'
import { decodeInventory } from '../../../src/inventory/decode.js'
import type { Known } from '../../../src/inventory/known.js'
import { InventoryError, type Problem } from '../../../src/inventory/problem.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { insteadOfMinor } from '../../../src/kubernetes/releases/instead-of-minor.js'

/** Two minors, two runtimes (docker serves the older minor only), three networks. */
export const known: Known = {
  minors: ['1.20', '1.36'],
  newest: '1.36.3',
  runtimes: ['docker', 'containerd'],
  networks: ['bridge', 'cilium', 'flannel'],
  balancers: catalogued.balancers,
  configurations: catalogued.configurations,
  programsFor: catalogued.programsFor,
  hasPackages: catalogued.hasPackages,
  mirrorsFor: catalogued.mirrorsFor,
  defaultRuntime: catalogued.defaultRuntime,
  insteadOf: (minor) => insteadOfMinor(minor, ['1.20', '1.36']),
  runtimeProblem: (runtime, minor) =>
    runtime === 'docker' && minor !== '1.20' ? 'containerd serves it' : undefined,
}

/** A good inventory; tests change a line of it. */
export const good = `kubernetes:
  version: "1.20.2"
  controlPlaneEndpoint: api.example.com:6443
networking:
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
binaries:
  bundle: ./bundle
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane] }
  w1:
    address: 192.0.2.21
    roles: [worker]
    labels: { disk: ssd }
    taints: ["dedicated=batch:NoSchedule"]
`

/** `good` with one piece of text replaced; the piece must be there, once. */
export function changed(from: string, to: string, text = good): string {
  if (text.split(from).length !== 2) throw new Error(`${from} stands ${text.split(from).length - 1} times`)
  return text.replace(from, () => to)
}

export function decode(text: string): ClusterSpec {
  return decodeInventory(text, { file: '/etc/ks/i.yaml', label: 'i.yaml', home: '/home/me', known })
}

export function problemsOf(text: string): readonly Problem[] {
  try {
    decode(text)
  } catch (error) {
    if (error instanceof InventoryError) return error.problems
    throw error
  }
  return []
}

/** Problems as people read them: place, what, what to write. */
export function said(text: string): string[] {
  return problemsOf(text).map(({ at, what, write }) => `${at}: ${what} → ${write}`)
}
