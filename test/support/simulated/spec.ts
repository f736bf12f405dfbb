import { homedir } from 'node:os'
import { known } from '../../../src/catalog.js'
import { decodeInventory } from '../../../src/inventory/decode.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'

/** A cluster of one control plane and one worker, at the addresses its world gives its hosts. */
export function simulatedSpec(bundle: string, edit: (text: string) => string = (text) => text): ClusterSpec {
  const text = `kubernetes:
  version: "1.20.2"
  controlPlaneEndpoint: api.simulated.internal:6443
runtime: docker
network: bridge
dns:
  enabled: false
etcd:
  imageTag: "3.4.23-0"
binaries:
  bundle: ${bundle}
verify:
  image: docker.io/library/kubestrap-verify:1
hosts:
  cp1: { address: 10.91.0.11, roles: [control-plane] }
  w1: { address: 10.91.0.21, roles: [worker] }
`
  return decodeInventory(edit(text), {
    file: '/simulated/inventory.yaml',
    label: 'inventory.yaml',
    home: homedir(),
    known,
  })
}
