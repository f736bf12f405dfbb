import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import ssh2 from 'ssh2'
import type { BundleManifest } from '../../../src/bundle/manifest.js'
import { must } from '../simulated/namespaces.js'
import { runUp } from '../simulated/run-up.js'
import { simulatedSpec } from '../simulated/spec.js'
import { Stage } from '../simulated/stage.js'
import type { World } from '../simulated/world.js'
import { Recorder } from './recorder.js'
import { type Identity, type Recording, recordingOf } from './recording.js'
import type { Counted, Served } from './serve.js'

const load = fileURLToPath(new URL('load.js', import.meta.url))

/** Name of the host that is recorded; a link of the kernel is called after it. */
const recorded = 'recorded-w'

/** Resolves on the hosts of a fleet, and nowhere else. */
const endpoint = 'api.simulated.internal'

/** Nobody tells the cluster every few seconds that hundreds of replayed hosts live; and the pod subnet holds them. */
const forMany = (text: string): string =>
  text.replace(
    'dns:\n',
    'controllerManager:\n  extraArgs: { node-monitor-grace-period: 1h }\nnetworking: { podSubnet: 10.224.0.0/11 }\ndns:\n',
  )

/** Materials, and the recording of a worker's birth in a simulated world. */
export class FleetYard {
  private constructor(
    readonly stage: Stage,
    readonly scratch: string,
  ) {}

  /** Records. Throws when the birth that is recorded does not go well. */
  static async open(say: (line: string) => void): Promise<FleetYard> {
    const stage = await Stage.set()
    const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-fleet-'))
    try {
      say('recording the birth of a simulated worker')
      writeFileSync(join(scratch, 'recording.json'), JSON.stringify(await record(stage)))
      lighterBundle(stage.materials.bundle, join(scratch, 'bundle'))
      return new FleetYard(stage, scratch)
    } catch (error) {
      await stage.strike()
      rmSync(scratch, { recursive: true, force: true })
      throw error
    }
  }

  /** A simulated control plane on which nothing was ever done, and so many replayed workers. */
  fleet(workers: number): Promise<Fleet> {
    return Fleet.start(this, workers)
  }

  async close(): Promise<void> {
    await this.stage.strike()
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

async function record(stage: Stage): Promise<Recording> {
  const spec = simulatedSpec(stage.materials.bundle, (text) => forMany(text).replace(' w1:', ` ${recorded}:`))
  const world = await stage.world(spec.hosts)
  try {
    const recorder = new Recorder()
    const overhear: NonNullable<Parameters<typeof runUp>[2]>['overhear'] = (host, connection) =>
      host === recorded ? recorder.on(connection) : connection
    for (const what of ['birth', 'second run']) {
      const ran = await runUp(world, spec, { overhear })
      if (!ran.ok) throw new Error(`the ${what} that was to be recorded failed: ${ran.errors.join('\n')}`)
    }
    return recordingOf(recorder.told)
  } finally {
    await stage.end(world)
  }
}

/** The bundle with programs of a few bytes: nobody runs them, and hundreds of hosts get them. */
function lighterBundle(from: string, directory: string): void {
  mkdirSync(join(directory, 'bin'), { recursive: true })
  symlinkSync(join(from, 'images'), join(directory, 'images'))
  const manifest: BundleManifest = JSON.parse(readFileSync(join(from, 'bundle.json'), 'utf8'))
  const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
  const binaries = manifest.binaries.map((binary) => {
    const content = Buffer.from(`#!/bin/sh\n# ${binary.name}\n`)
    const file = gzipSync(content)
    writeFileSync(join(directory, binary.file), file)
    return {
      ...binary,
      sha256: sha256(content),
      size: content.length,
      fileSha256: sha256(file),
      fileSize: file.length,
    }
  })
  writeFileSync(join(directory, 'bundle.json'), JSON.stringify({ ...manifest, binaries }))
}

/** One cluster, and the operator's way into it. */
export class Fleet {
  readonly #servers: ChildProcess[] = []

  private constructor(
    readonly world: World,
    readonly stage: Stage,
    readonly directory: string,
    readonly inventory: string,
  ) {}

  static async start(yard: FleetYard, workers: number): Promise<Fleet> {
    const { stage, scratch } = yard
    const directory = mkdtempSync(join(scratch, `${workers}-`))
    const plane = { name: 'cp1', address: '10.91.0.11' }
    const hosts = Array.from({ length: workers }, (_, i) => identityOf(i + 1))
    const world = await stage.world([plane])
    const inventory = join(directory, 'inventory.yaml')
    const fleet = new Fleet(world, stage, directory, inventory)
    try {
      const keys = new Map([plane, ...hosts].map(({ name }) => [name, newKey()]))
      const operator = newKey()
      writeFileSync(join(directory, 'key'), operator.private, { mode: 0o600 })
      writeFileSync(
        join(directory, 'known_hosts'),
        [plane, ...hosts].map(({ name, address }) => `${address} ${keys.get(name)?.public}\n`).join(''),
      )
      writeFileSync(inventory, inventoryText(directory, join(scratch, 'bundle'), hosts))
      // every address of theirs is this network's own
      await must('nsenter', [
        '-t',
        String(world.pid),
        '--net',
        'ip',
        'route',
        'add',
        'local',
        '10.91.64.0/18',
        'dev',
        'lo',
      ])
      const { pid } = world.host('cp1')
      const allowed = operator.public
      await Promise.all([
        fleet.#serve(pid, 'cp1', {
          allowed,
          simulated: { name: 'cp1', pid, hostKey: keys.get('cp1')?.private ?? '' },
        }),
        fleet.#serve(world.pid, 'workers', {
          allowed,
          replayed: {
            recording: join(scratch, 'recording.json'),
            hosts: hosts.map((host) => ({ ...host, hostKey: keys.get(host.name)?.private ?? '' })),
            adminConf: `/proc/${pid}/root/etc/kubernetes/admin.conf`,
            api: { name: endpoint, host: plane.address, port: 6443 },
          },
        }),
      ])
      return fleet
    } catch (error) {
      await fleet.end()
      throw error
    }
  }

  /** What leads a program of the operator's into the fleet's network. */
  get entering(): readonly string[] {
    return ['nsenter', '-t', String(this.world.pid), '--net', '--']
  }

  /** What hosts have seen since they were asked last. */
  async counted(): Promise<Counted> {
    const all = await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<Counted>((resolve) => {
            server.once('message', (counted) => resolve(counted as Counted))
            server.send('count')
          }),
      ),
    )
    const merged = <T>(of: (one: Counted) => Record<string, T>): Record<string, T> =>
      Object.assign({}, ...all.map(of))
    return {
      seen: merged(({ seen }) => seen),
      unknown: merged(({ unknown }) => unknown),
      changed: merged(({ changed }) => changed),
    }
  }

  async end(): Promise<void> {
    for (const server of this.#servers) server.kill()
    await this.stage.end(this.world)
    rmSync(this.directory, { recursive: true, force: true })
  }

  /** Starts a process that serves SSH in the network of another one. */
  async #serve(network: number, name: string, served: Served): Promise<void> {
    const file = join(this.directory, `${name}.json`)
    writeFileSync(file, JSON.stringify(served), { mode: 0o600 })
    const program = [process.execPath, load, 'test/support/fleet/serve.ts', 'serve', file]
    const server = spawn('nsenter', ['-t', String(network), '--net', '--', ...program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#servers.push(server)
    await new Promise<void>((resolve, reject) => {
      server.once('message', () => resolve())
      server.once('error', reject)
      server.once('exit', (code) => reject(new Error(`the SSH of ${name} did not start (exit ${code})`)))
    })
  }
}

function identityOf(i: number): Identity {
  const [high, low] = [i >> 8, i & 255]
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  return {
    name: `w${String(i).padStart(4, '0')}`,
    address: `10.91.${64 + high}.${low}`,
    mac: `02:00:00:00:${hex(high)}:${hex(low)}`,
    machineId: randomBytes(16).toString('hex'),
  }
}

/** One key in some hundreds that ssh2 1.17 makes, it cannot read. */
function newKey(): { private: string; public: string } {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519')
    if (![made.private, made.public].some((text) => ssh2.utils.parseKey(text) instanceof Error)) return made
  }
}

function inventoryText(directory: string, bundle: string, workers: readonly Identity[]): string {
  const lines = workers.map(({ name, address }) => `  ${name}: { address: ${address}, roles: [worker] }\n`)
  return forMany(`kubernetes:
  version: "1.20.2"
  controlPlaneEndpoint: ${endpoint}:6443
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
ssh:
  user: root
  key: ${join(directory, 'key')}
  knownHosts: ${join(directory, 'known_hosts')}
  peerTransfer: false # replayed hosts have no files to give on
hosts:
  cp1: { address: 10.91.0.11, roles: [control-plane] }
${lines.join('')}`)
}
