import { basename, dirname, join } from 'node:path'
import type { ClusterSpec } from '../../inventory/spec.js'
import { writtenPath } from '../bundle-directory.js'
import { shellWord } from '../inventory.js'
import type { ShownPlan } from './shown-plan.js'

/** Something to do for an upgrade: a value of the inventory to change, or a command to run. */
export type PlanStep =
  | { set: 'kubernetes.version' | 'binaries.bundle'; to: string }
  /** null: what `bundle create` printed. */
  | { set: 'binaries.sha256'; to: string | null }
  | { run: string }

/** What makes the upgrade, in order: each hop is an up of its own, and needs a bundle of its own where there is one. Pure. */
export function stepsOf(shown: ShownPlan): PlanStep[] {
  const { hops } = shown.plan
  const up = { run: `kubestrap up${shown.again}` }
  const look = hops.length === 1 ? [{ run: `kubestrap plan${shown.again}` }] : []
  let is = written(shown.spec)
  return hops.flatMap(({ hop }) => {
    const { steps, after } = inventoryFor(shown, is, hop.to)
    is = after
    return [...steps, ...look, up]
  })
}

/**
 * What makes all hops by one command, in order; undefined where that is not possible: there are not several, or `up --hops`
 * would refuse them, as it uses a bundle for each that is there, and none where the inventory pins one. Pure.
 */
export function stepsOfAllHops(shown: ShownPlan): PlanStep[] | undefined {
  const { plan, supply, spec, bundles } = shown
  const last = plan.hops.at(-1)
  if (plan.hops.length < 2 || last === undefined) return undefined
  const allThere = plan.hops.every(({ hop }) => bundles.has(hop.to))
  if (supply.from === 'bundle' && (spec.binaries.sha256 !== undefined || !allThere)) return undefined
  const { steps } = inventoryFor(shown, written(spec), last.hop.to)
  return [...steps, { run: `kubestrap up --hops${shown.again}` }]
}

/** What an inventory says. */
interface Written {
  /** undefined: it leaves the version out. */
  version: string | undefined
  bundle: string | undefined
}

const written = ({ unset, version, binaries }: ClusterSpec): Written => ({
  version: unset.includes('kubernetes.version') ? undefined : version,
  bundle: binaries.bundle,
})

/** Changes of the inventory for one hop, and what it says then. */
function inventoryFor(shown: ShownPlan, is: Written, to: string): { steps: PlanStep[]; after: Written } {
  const version: PlanStep[] = to === is.version ? [] : [{ set: 'kubernetes.version', to }]
  const { steps, bundle } = bundleFor(shown, is.bundle, to)
  return { steps: [...version, ...steps], after: { version: to, bundle } }
}

/** The bundle of a hop: one that is there, or one that is created in a directory of its own. */
function bundleFor(
  { supply, spec, bundles, again }: ShownPlan,
  is: string | undefined,
  to: string,
): { steps: PlanStep[]; bundle: string | undefined } {
  if (supply.from !== 'bundle' || is === undefined) return { steps: [], bundle: is }
  const there = bundles.get(to)
  const directory = there?.directory ?? besideFor(is, to)
  if (directory === is) return { steps: [], bundle: is }
  const path = writtenPath(spec, directory)
  const arches = [...bundles.values()].find((one) => one.directory === is)?.arches ?? []
  const arch = arches.some((one) => one !== 'amd64') ? ` --arch ${arches.join(',')}` : ''
  const create: PlanStep[] = there
    ? []
    : [{ run: `kubestrap bundle create${again}${arch} ${shellWord(directory)}` }]
  const pin: PlanStep[] =
    spec.binaries.sha256 === undefined ? [] : [{ set: 'binaries.sha256', to: there?.sha256 ?? null }]
  return { steps: [...create, { set: 'binaries.bundle', to: path }, ...pin], bundle: directory }
}

/** Where the bundle of another version goes: beside the one there is, as `up --hops` looks for it there. */
function besideFor(bundle: string, version: string): string {
  const name = basename(bundle)
  const other = name.replace(/\d+\.\d+\.\d+/, version)
  return join(dirname(bundle), other === name ? `${name}-${version}` : other)
}
