import { readFileSync } from 'node:fs'
import type { Context } from '../../src/cluster/context.js'
import { isControlPlane, type Machine } from '../../src/cluster/machine.js'
import { Late } from '../../src/engine/late.js'
import type { Facts } from '../../src/host/facts/facts.js'
import { parseFacts } from '../../src/host/facts/parse-facts.js'
import { localConnection } from '../../src/host/local-connection.js'
import { createHost } from '../../src/host/remote-host.js'
import type { HostSpec } from '../../src/inventory/spec.js'
import { releaseFor } from '../../src/kubernetes/releases/index.js'
import { bridge } from '../../src/networks/bridge/bridge.js'
import { debian } from '../../src/os/debian.js'
import { docker } from '../../src/runtimes/docker/docker.js'
import { sentPrograms } from './programs.js'
import { clusterSpec, hostSpec } from './spec.js'

const captured = readFileSync(new URL('../unit/host/facts/fixtures/lab-machine.txt', import.meta.url), 'utf8')

/** A machine with the facts of a real lab machine; its host is this one. */
export function machine(spec: Partial<HostSpec> = {}, facts: Partial<Facts> = {}): Machine {
  const whole = hostSpec(spec)
  const read = parseFacts(captured, { before: 0, after: 0 })
  return {
    spec: whole,
    host: createHost(whole.name, localConnection()),
    facts: {
      ...read,
      container: 'systemd-nspawn',
      clockSkewMs: 0,
      clockUncertainMs: 0,
      addresses: [whole.address],
      defaultAddress: whole.address,
      hostname: whole.name,
      machineId: `id of ${whole.name}`,
      macs: [`mac of ${whole.name}`],
      ...facts,
    },
    os: debian,
    osNote: '',
    release: wanting(clusterSpec().version),
  }
}

/** What a machine should run; asking it what it runs is refused. */
export const wanting = (version: string): Machine['release'] => ({
  wanted: releaseFor(version),
  runs: () => Promise.reject(new Error('not asked here')),
})

/** The machine, which should run this version. */
export const withVersion = (version: string, one: Machine): Machine => ({
  ...one,
  release: wanting(version),
})

/** A run on these machines, whose API cannot be asked. */
export function contextOf(machines: readonly Machine[], over: Partial<Context> = {}): Context {
  const spec = clusterSpec({ hosts: machines.map((one) => one.spec) })
  return {
    spec,
    runtime: docker,
    network: bridge,
    balancer: undefined,
    bundle: {
      directory: '',
      sha256: '',
      manifest: { format: 2, kubernetesVersion: spec.version, binaries: [], images: [] },
      binary: () => {
        throw new Error('no bundle here')
      },
      imagesFor: () => [],
      path: () => '',
    },
    programs: sentPrograms,
    proxy: undefined,
    projectReleases: {},
    kubernetesRepositories: {},
    registries: [],
    repositoryKeys: new Map(),
    volumeFiles: new Map(),
    machines,
    away: new Set(),
    planes: {
      leader: machines.find(isControlPlane),
      joining: new Set(),
      halfAdded: new Set(),
      estranged: new Set(),
    },
    etcdHosts: undefined,
    etcdClient: undefined,
    kube: Object.assign(() => Promise.reject(new Error('no API here')), { renew: () => {} }),
    authorities: new Late('authorities'),
    podCidrs: new Map(),
    now: () => new Date(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: (bytes) => Buffer.alloc(bytes),
    ...over,
  }
}
