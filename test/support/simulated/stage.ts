import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gatherMaterials, type Materials } from './materials.js'
import type { SimulatedHost } from './simulated-host.js'
import { simulatedSpec } from './spec.js'
import { World } from './world.js'

/** Where the worlds of one test file are made: the materials, and the worlds that are still there at its end. */
export class Stage {
  readonly #scratch: string
  readonly #worlds = new Set<World>()

  private constructor(
    scratch: string,
    readonly materials: Materials,
  ) {
    this.#scratch = scratch
  }

  static async set(): Promise<Stage> {
    const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-scenario-'))
    try {
      return new Stage(scratch, await gatherMaterials(scratch))
    } catch (error) {
      rmSync(scratch, { recursive: true, force: true })
      throw error
    }
  }

  /** A world on which nothing was ever done: by default one control plane and one worker. */
  async world(
    hosts: Parameters<typeof World.start>[1] = simulatedSpec(this.materials.bundle).hosts,
  ): Promise<World> {
    const world = await World.start(this.materials, hosts)
    this.#worlds.add(world)
    return world
  }

  /** Ends one world before the others. */
  async end(world: World): Promise<void> {
    this.#worlds.delete(world)
    await world.end()
  }

  /** Ends whatever is still there, also after a test that failed. */
  async strike(): Promise<void> {
    for (const world of this.#worlds) await world.end()
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}

/** The certificate, as PEM, of an authority of another cluster, made by the host's own openssl. */
export function foreignAuthority(host: SimulatedHost): Promise<string> {
  return host.run(
    'openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=kubernetes -keyout /dev/null 2>/dev/null',
  )
}
