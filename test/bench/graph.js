import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './program.js'

const sizes = [50, 500]

/**
 * The graph of steps of `up` for hosts that nobody connects to, with the bridge network: milliseconds of processor
 * time, and how many steps and edges a host more is.
 */
export async function graph(runs) {
  const built = (path) => import(join(root, 'dist', path))
  const { buildGraph } = await built('engine/graph.js')
  const { up } = await built('workflows/up.js')
  for (const size of sizes) {
    const context = await contextOf(size, built)
    const times = []
    let nodes = []
    for (let i = 0; i < runs; i += 1) {
      const before = process.cpuUsage()
      nodes = buildGraph(up.phases, context).nodes
      const { user, system } = process.cpuUsage(before)
      times.push((user + system) / 1000)
    }
    times.sort((a, b) => a - b)
    const middle = times[Math.floor((times.length - 1) / 2)]
    const per = (count) => (count / size).toFixed(1)
    const edges = edgesOf(nodes)
    process.stdout.write(
      `${`graph of up, ${size} hosts, bridge`.padEnd(44)} ${middle.toFixed(0).padStart(6)} ms (${times[0].toFixed(0)}–${times.at(-1).toFixed(0)})  ${per(nodes.length)} steps, ${per(edges)} edges a host\n`,
    )
  }
}

function edgesOf(nodes) {
  const joints = new Set()
  let edges = 0
  const count = (of) => {
    edges += of.length
    for (const one of of)
      if (typeof one !== 'string' && !joints.has(one)) {
        joints.add(one)
        count(one.of)
      }
  }
  for (const { after, follows } of nodes) {
    count(after)
    count(follows)
  }
  return edges
}

/** A run on machines with the facts of a lab machine: three control plane nodes, and workers. */
async function contextOf(size, built) {
  const { known, catalog } = await built('catalog.js')
  const { Late } = await built('engine/late.js')
  const { parseFacts } = await built('host/facts/parse-facts.js')
  const { localConnection } = await built('host/local-connection.js')
  const { createHost } = await built('host/remote-host.js')
  const { loadInventory } = await built('inventory/load.js')
  const { debian } = await built('os/debian.js')
  const directory = mkdtempSync(join(tmpdir(), 'kubestrap-bench-'))
  const file = join(directory, 'inventory.yaml')
  const lines = Array.from(
    { length: size },
    (_, i) =>
      `  n${i}: { address: 10.87.${i >> 8}.${i & 255}, roles: [${i < 3 ? 'control-plane' : 'worker'}] }\n`,
  )
  writeFileSync(
    file,
    `kubernetes: { version: "1.20.2", controlPlaneEndpoint: "n0.test:6443" }\nruntime: docker\nnetwork: bridge\nnetworking: { podSubnet: 10.224.0.0/11 }\nhosts:\n${lines.join('')}`,
  )
  const spec = await loadInventory(file, homedir(), known).finally(() =>
    rmSync(directory, { recursive: true }),
  )
  const captured = readFileSync(join(root, 'test/unit/host/facts/fixtures/lab-machine.txt'), 'utf8')
  const facts = parseFacts(captured, { before: 0, after: 0 })
  const wanted = catalog.releaseFor(spec.version)
  const machines = spec.hosts.map((one) => ({
    spec: one,
    host: createHost(one.name, localConnection()),
    facts,
    os: debian,
    osNote: '',
    release: { wanted },
  }))
  return {
    spec,
    runtime: catalog.runtimeFor(spec.runtime, wanted, false),
    network: catalog.networks.find(({ id }) => id === spec.network),
    balancer: undefined,
    bundle: { imagesFor: () => [], path: () => '', manifest: { images: [] } },
    programs: {
      from: 'nowhere',
      arches: [facts.arch],
      program: (name) => ({ name, sha256: '', origin: { kind: 'file', path: name, gzip: true, size: 1 } }),
    },
    proxy: undefined,
    projectReleases: {},
    kubernetesRepositories: {},
    registries: [],
    repositoryKeys: new Map(),
    machines,
    planes: { leader: machines[0], joining: new Set(), halfAdded: new Set(), estranged: new Set() },
    etcdHosts: undefined,
    etcdClient: undefined,
    kube: Object.assign(() => Promise.reject(new Error('no API here')), { renew: () => {} }),
    authorities: new Late('authorities'),
    podCidrs: new Map(),
    now: () => new Date(),
    sleep: async () => {},
    random: (bytes) => Buffer.alloc(bytes),
  }
}
