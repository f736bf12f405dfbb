import type { Known } from './known.js'
import { chosenRuntime } from './runtime-choice.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import { minorOf, parseVersion } from './version.js'

/** Programs that would come from a bundle where the inventory names none, and settings of sources that have no effect. */
export function programSourceProblems(inventory: Inventory, known: Known): Found[] {
  const { sources = {}, binaries } = inventory
  const found: Found[] = []
  if (binaries === undefined) found.push(...bundleMissing(inventory, known))
  const downloads = sources.kubernetes === 'download' || (sources.kubernetes === undefined && !binaries)
  if (!downloads && sources.mirrors?.kubernetes !== undefined)
    found.push({
      path: ['sources', 'mirrors', 'kubernetes'],
      key: true,
      what: 'a mirror of the releases of Kubernetes has no effect with programs from a bundle',
      write: 'remove it, or set sources: { kubernetes: download }',
    })
  if (sources.caCertificate !== undefined && Object.values(sources.mirrors ?? {}).every((url) => !url))
    found.push({
      path: ['sources', 'caCertificate'],
      key: true,
      what: 'caCertificate applies to mirrors, and there is none',
      write: 'set sources.mirrors, or remove it',
    })
  return found
}

function bundleMissing(inventory: Inventory, known: Known): Found[] {
  const { kubernetes, sources, etcd, docker } = inventory
  const write = 'set binaries: { bundle: DIRECTORY }'
  const version = parseVersion(kubernetes.version)
  const runtime = chosenRuntime(inventory, known)
  const lacking =
    version === undefined || docker?.criDockerd !== undefined
      ? []
      : known.programsFor(runtime, minorOf(version))
  return [
    ...(sources?.kubernetes === 'bundle'
      ? [{ path: ['sources', 'kubernetes'], what: 'no bundle is named', write: `${write}, or use download` }]
      : []),
    ...(etcd?.install === 'bundle'
      ? [
          {
            path: ['etcd', 'install'],
            what: 'no bundle is named',
            write: `${write}, or use package or tarball`,
          },
        ]
      : []),
    ...lacking.map((name) => ({
      path: inventory.runtime === undefined ? ['kubernetes', 'version'] : ['runtime'],
      what: `runtime ${runtime} requires ${name} for Kubernetes ${version === undefined ? '' : minorOf(version)}`,
      write: `set docker: { criDockerd: PATH of the program }, use runtime: containerd, or a bundle that has it`,
    })),
  ]
}
