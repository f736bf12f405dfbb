import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostSpec } from '../../../src/inventory/spec.js'
import type { Materials } from './materials.js'
import { firstProcess } from './namespaces.js'
import { prefix, SimulatedHost } from './simulated-host.js'

const script = fileURLToPath(new URL('world.sh', import.meta.url))

/**
 * A world of simulated hosts: one private mount, network and process namespace, and in it a namespace of
 * each kind for every host. The hosts' addresses exist in there and nowhere else; their disks are a tmpfs
 * seen from in there only. When the world's first process ends, all of it is gone, and that process ends
 * with its standard input, so nothing stays behind when a test is killed.
 */
export class World {
  readonly hosts = new Map<string, SimulatedHost>()
  readonly #scratch: string
  readonly #starter: ChildProcess
  #pid = 0

  private constructor(scratch: string, starter: ChildProcess) {
    this.#scratch = scratch
    this.#starter = starter
  }

  /** Its first process, as seen from here; whoever enters its network stands at the hosts' gateway. */
  get pid(): number {
    return this.#pid
  }

  /** Starts a world with these hosts, all booted. */
  static async start(
    materials: Materials,
    specs: readonly Pick<HostSpec, 'name' | 'address'>[],
  ): Promise<World> {
    const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-world-'))
    const starter = spawn(
      'unshare',
      [
        '--mount',
        '--net',
        '--ipc',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        script,
        scratch,
        `${gateway}/${prefix}`,
      ],
      { stdio: 'pipe' },
    )
    const world = new World(scratch, starter)
    try {
      const pid = await firstProcess(starter, 1)
      world.#pid = pid
      for (const { name, address } of specs) {
        const host = new SimulatedHost({
          name,
          address,
          gateway,
          world: pid,
          directory: join(scratch, name),
          materials,
        })
        world.hosts.set(name, host)
        await host.boot()
      }
      return world
    } catch (error) {
      await world.end()
      throw error
    }
  }

  /** The host of this name. */
  host(name: string): SimulatedHost {
    const host = this.hosts.get(name)
    if (!host) throw new Error(`this world has no host ${name}`)
    return host
  }

  /** All hosts lose power at once, and come up again from their disks. */
  async powerCycle(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.powerOff()))
    for (const host of this.hosts.values()) await host.boot()
  }

  /** Ends everything in it. */
  async end(): Promise<void> {
    for (const host of this.hosts.values()) host.forget()
    const ended = new Promise<void>((resolve) => {
      if (this.#starter.exitCode !== null || this.#starter.signalCode !== null) resolve()
      else this.#starter.once('exit', () => resolve())
    })
    this.#starter.kill('SIGKILL')
    await ended
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}

/** The hosts' gateway; an address of the world's own network, which leads nowhere. */
const gateway = '10.91.0.1'
