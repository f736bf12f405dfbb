import { CORE_SCHEMA, dump, load } from 'js-yaml'
import { UserError } from '../lib/errors.js'

type Entry = Record<string, unknown>

const kinds = [
  ['clusters', 'cluster'],
  ['users', 'user'],
  ['contexts', 'context'],
] as const

/**
 * A user's kubeconfig with a cluster added, or renewed, under a name of its own; the current context
 * becomes that one. Everything else in it stays as it is (comments do not: kubectl itself keeps none).
 * @param existing the user's file; '' when there is none
 * @param added kubeconfig of one cluster, one user, one context, credentials embedded
 * @param name of the cluster and the context; the user is NAME-admin
 * Throws UserError('step') when the file cannot be read, or has another cluster of that name. Never quotes either text.
 */
export function mergeKubeconfig(existing: string, added: string, name: string): string {
  const config = read(existing, 'your kubeconfig')
  const own = read(added, "the cluster's kubeconfig")
  const user = `${name}-admin`
  const cluster = only(own, 'clusters', 'cluster')
  const there = find(config, 'clusters', name)
  if (there !== undefined && authorityOf(there.cluster) !== authorityOf(cluster))
    throw new UserError('step', `your kubeconfig has another cluster called ${name}`, {
      next: 'give this one another name: --name NAME',
    })
  const wanted = {
    clusters: { name, cluster },
    users: { name: user, user: only(own, 'users', 'user') },
    contexts: { name, context: { ...contextOf(find(config, 'contexts', name)), cluster: name, user } },
  }
  const merged: Entry = { apiVersion: 'v1', kind: 'Config', ...config, 'current-context': name }
  for (const [list] of kinds) {
    const entry = wanted[list]
    const others = entries(config, list).filter((one) => one.name !== entry.name)
    merged[list] = [...others, entry]
  }
  return dump(merged, { lineWidth: -1, noRefs: true })
}

function read(text: string, what: string): Entry {
  let value: unknown
  try {
    value = load(text, { schema: CORE_SCHEMA })
  } catch {
    // the parser's message quotes lines of the file, and those are keys
    throw new UserError('step', `${what} is not YAML`, {
      next: 'mend it, or name another file: --kubeconfig FILE',
    })
  }
  if (value === undefined || value === null) return {}
  if (!isEntry(value) || kinds.some(([list]) => value[list] != null && !Array.isArray(value[list])))
    throw new UserError('step', `${what} does not look like a kubeconfig`, {
      next: 'name another file: --kubeconfig FILE',
    })
  return value
}

function entries(config: Entry, list: string): Entry[] {
  const all = config[list]
  return Array.isArray(all) ? all.filter(isEntry) : []
}

const find = (config: Entry, list: string, name: string): Entry | undefined =>
  entries(config, list).find((one) => one.name === name)

function only(config: Entry, list: string, kind: string): unknown {
  const [one, ...more] = entries(config, list)
  if (!one || more.length > 0) throw new Error(`the cluster's kubeconfig has not exactly one of ${list}`)
  return one[kind]
}

/** A context that is renewed keeps its namespace. */
const contextOf = (entry: Entry | undefined): Entry => (isEntry(entry?.context) ? entry.context : {})

const authorityOf = (cluster: unknown): unknown =>
  isEntry(cluster) ? cluster['certificate-authority-data'] : undefined

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
