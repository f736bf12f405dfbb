import { clusterTarget } from '../../engine/step.js'
import { minorOf } from '../../inventory/version.js'
import { minorsNewer } from '../../kubernetes/releases/versions.js'
import type { Problem } from '../../preflight/check.js'
import { couldNotLook, type GoneObjects, type UpgradeCheck } from './check.js'

/** How many objects are named; the rest are counted. */
const named = 5

/**
 * Resources that the garbage collector and the quota controller watch by the only version their group serves: they are
 * asked for in every cluster, and the controllers of the next minor ask no more (pkg/controller/garbagecollector,
 * GetDeletableResources: preferred resources of each group).
 */
const watchedAnyway: ReadonlySet<string> = new Set([
  'extensions/v1beta1 ingresses',
  'policy/v1beta1 podsecuritypolicies',
])

/** API objects in versions that go away. */
export const apiChecks: readonly UpgradeCheck[] = [
  {
    name: 'RemovedAPIs',
    about: 'No client asked the API servers, since their start, for an API that the new minor no longer has.',
    run: ({ looks, to, first }) =>
      [...looks.requests].flatMap(([host, looked]) => {
        if ('couldNot' in looked) return [couldNotLook(host, looked.couldNot)]
        return looked.found
          .filter(({ removed }) => minorsNewer(to.version, `${removed}.0`) >= 0)
          .map(({ apiVersion, resource, removed }): Problem => {
            const anyway = watchedAnyway.has(`${apiVersion} ${resource}`)
            // API servers and controllers of the hops before may ask no more
            const later = !first
            return {
              host,
              severity: anyway || later ? 'warning' : 'error',
              what: `${resource} of ${apiVersion} were requested, which Kubernetes ${removed} no longer has`,
              next: anyway
                ? 'controllers of Kubernetes itself ask for it; look for other clients of yours that do'
                : 'find the client (audit log: annotation k8s.io/deprecated) and move it to a newer version; the API server forgets the request when it is restarted',
            }
          })
      }),
  },
  {
    name: 'RemovedObjects',
    about:
      'No object is of a kind that the new minor no longer has, or was written last by an API that it no longer has.',
    run: ({ looks, first, to }) => {
      if (!first) return []
      if ('couldNot' in looks.gone) return [couldNotLook(clusterTarget, looks.gone.couldNot)]
      return looks.gone.found.flatMap((gone) => [...ofKind(gone, to.version), ...written(gone, to.version)])
    },
  },
]

function ofKind({ apiVersion, resource, instead, objects }: GoneObjects, to: string): Problem[] {
  if (instead !== undefined || objects.length === 0) return []
  return [
    {
      host: clusterTarget,
      severity: 'error',
      what: `${objects.length} ${resource} (${apiVersion}) are in the cluster, a kind that Kubernetes ${minorOf(to)} no longer has: ${shown(objects)}`,
      next: 'replace what they do, delete them, and run again',
    },
  ]
}

function written({ apiVersion, resource, instead, writings }: GoneObjects, to: string): Problem[] {
  if (instead === undefined || writings.length === 0) return []
  const each = writings.map(({ object, by }) => `${object} (${by})`)
  return [
    {
      host: clusterTarget,
      severity: 'warning',
      what: `${writings.length} ${resource} were written by ${apiVersion}, which Kubernetes ${minorOf(to)} no longer has: ${shown(each)}`,
      next: `the objects stay; change the manifests they come from to ${instead} before they are applied again`,
    },
  ]
}

function shown(names: readonly string[]): string {
  const rest = names.length - named
  return rest <= 1 ? names.join(', ') : `${names.slice(0, named).join(', ')} and ${rest} more`
}
