import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalog, known } from '../../../src/catalog.js'
import { commands } from '../../../src/cli/commands.js'
import { loadInventory } from '../../../src/inventory/load.js'
import { inventoryJsonSchema } from '../../../src/inventory/schema/schema.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { exitCodes } from '../../../src/lib/errors.js'
import { checks } from '../../../src/preflight/checks.js'
import { upgradeChecks } from '../../../src/upgrade/checks/checks.js'
import { up } from '../../../src/workflows/up.js'
import { type Page, root } from '../docs/pages.js'
import { birth } from './birth.js'
import { checksPage } from './checks.js'
import { commandsPage } from './commands.js'
import { eventsPage } from './events.js'
import { exitCodesPage } from './exit-codes.js'
import { inventoryPage } from './inventory.js'
import { phasesPage } from './phases.js'
import { releasesPage } from './releases.js'
import { systemsPage } from './systems.js'
import { recorded, terminal } from './terminal.js'
import { topology } from './topology.js'

/** The text of a file of the repository. */
export const sourceOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The texts of all files of a folder. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder)).map((name) => sourceOf(`${folder}/${name}`))

/** Inventories that have a picture. */
const pictured = ['single-node', 'dev', 'balanced', 'ha-stacked', 'ha-kube-vip', 'ha-external-etcd']

/** The pictures of docs/pictures by their names: topologies of the inventories of that name, the order of a birth, a terminal. */
export async function pictures(): Promise<Record<string, string>> {
  const drawn = pictured.map(async (name) => [`${name}.svg`, topology(await specOf(name))] as const)
  return Object.fromEntries([
    ...(await Promise.all(drawn)),
    ['birth.svg', birth(await specOf('dev'))],
    [
      'terminal.svg',
      terminal(
        recorded(tutorial(), 'up'),
        'kubestrap up: the birth of one control plane node and two worker nodes',
      ),
    ],
  ])
}

/** The page that has the recording of a birth. */
const tutorial = (): Page => ({ path: 'docs/tutorial.md', text: sourceOf('docs/tutorial.md') })

/** An inventory of inventories/, decoded. */
export const specOf = (name: string): Promise<ClusterSpec> =>
  loadInventory(join(root, `inventories/${name}.yaml`), '/home/me', known, 'look')

/** Every page of docs/reference by its name, as the code of now says it. */
export function referencePages(): Record<string, string> {
  return {
    'commands.md': commandsPage(commands),
    'inventory.md': inventoryPage(inventoryJsonSchema()),
    'phases.md': phasesPage(up.phases, sourcesIn('src/phases')),
    'preflight.md': checksPage(checks, upgradeChecks),
    'events.md': eventsPage({
      events: sourceOf('src/engine/events.ts'),
      errors: sourceOf('src/engine/error-fields.ts'),
      steps: sourceOf('src/engine/step.ts'),
    }),
    'exit-codes.md': exitCodesPage(exitCodes, sourceOf('src/lib/errors.ts')),
    'releases.md': releasesPage(releases),
    'systems.md': systemsPage(catalog.systems),
  }
}
